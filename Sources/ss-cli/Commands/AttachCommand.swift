import ArgumentParser
import SimpleStreamKit

/// Follows an answer that is being written, or prints one that is done.
struct AttachCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Follow an answer from its beginning.",
        discussion: "Leaving with Ctrl-C lets the answer go on.")

    @Argument(help: ArgumentHelp("The answer's id, as `runs` and --json show it.", valueName: "messageId"))
    var messageID: String

    @OptionGroup(title: "Output options") var output: OutputOptions
    @OptionGroup(title: "Server options") var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let style = output.style(in: context)
        return try await connection.withClient(context) { client in
            try await RunSession(context: context, client: client, style: style).follow(messageID)
        }
    }
}
