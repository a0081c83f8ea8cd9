import ArgumentParser

/// Lists what is being written now.
struct RunsCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List the answers that are being written now.")

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await connection.withClient(context) { client in
            let runs = try await client.runs()
            try await list.print(runs, in: context) {
                Table(
                    header: ["MESSAGE", "MODEL", "SINCE"],
                    rows: runs.map { [$0.messageID, $0.model.description, $0.time("startedAt")] })
            }
            return .success
        }
    }
}
