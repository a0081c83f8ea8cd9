import ArgumentParser
import SimpleStreamKit

/// Whose engine is used.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Use a running ss-server instead of an engine of our own. [SS_SERVER]", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("A token of that server; SS_TOKEN is safer. [SS_TOKEN]", valueName: "token"))
    var token: String?

    /// Runs `body` with the client that was asked for.
    func withClient<R: Sendable>(
        _ context: CommandContext, _ body: @escaping @Sendable (any ChatClient) async throws -> R
    ) async throws -> R {
        if let server = server ?? context.variable("SS_SERVER") {
            let client = try RemoteClient(
                server: server, token: token ?? context.variable("SS_TOKEN"), environment: context.environment)
            return try await body(client)
        }
        return try await EmbeddedClient.with(context) { try await body($0) }
    }
}
