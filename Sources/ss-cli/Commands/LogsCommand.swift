import ArgumentParser
import SimpleStreamKit

/// Lists conversations, or shows one.
struct LogsCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "List the conversations, newest first, or show one.")

    @Argument(help: ArgumentHelp("The conversation to show.", valueName: "id"))
    var id: String?

    @Option(
        name: [.customShort("n"), .customLong("number")], help: ArgumentHelp("How many are listed.", valueName: "count")
    )
    var count = 20

    @Option(name: [.short, .long], help: ArgumentHelp("Only those that hold these words.", valueName: "words"))
    var query: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...100_000).contains(count) else {
            throw ValidationError("-n must be a whole number from 1 to 100000.")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await connection.withClient(context) { client in
            if let id {
                try await show(id, client, context)
            } else {
                let found = try await client.conversations(matching: query, limit: count)
                try await list.print(found, in: context) {
                    Table(
                        header: ["ID", "WHEN", "TITLE"], rows: found.map { [$0.id, $0.time("updatedAt"), $0.title] })
                }
            }
            return .success
        }
    }

    private func show(_ id: String, _ client: any ChatClient, _ context: CommandContext) async throws {
        let conversation = try await client.conversation(id)
        let messages = try await client.messages(in: id).branch(endingAt: conversation.activeLeafID)
        guard !list.isJSON else {
            var json = conversation.json
            json["messages"] = .array(messages.map(\.json))
            return try await context.console.print(json.text)
        }
        try await context.console.print("# \(TerminalText.line(conversation.title))")
        for message in messages {
            let speaker = message.model?.description ?? message.role
            let state = ["complete", ""].contains(message.status) ? "" : " (\(message.status))"
            try await context.console.print("\n## \(speaker)\(state) · \(message.time("createdAt"))\n")
            try await context.console.print(message.content)
        }
    }
}
