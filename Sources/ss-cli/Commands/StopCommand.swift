import ArgumentParser
import SimpleStreamKit

/// Stops an answer that is being written.
struct StopCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop an answer that is being written; what it said is kept.")

    @Argument(help: ArgumentHelp("The answer's id, as `runs` shows it.", valueName: "messageId"))
    var messageID: String

    @OptionGroup var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await connection.withClient(context) { client in
            try await client.stop(messageID)
            context.console.note("ss-cli: asked it to stop.")
            return .success
        }
    }
}
