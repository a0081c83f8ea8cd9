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
        if server != nil || context.variable("SS_SERVER") != nil { return try await body(remoteClient(context)) }
        return try await EmbeddedClient.with(context) { try await body($0) }
    }

    /// The server that was named, with the token that was given or that `ss-cli login` got.
    func remoteClient(_ context: CommandContext) throws -> RemoteClient {
        let client = try remoteClient(context, token: token ?? context.variable("SS_TOKEN"))
        guard client.token == nil, let stored = StoredTokens(context).token(for: client.base) else { return client }
        return try remoteClient(context, token: stored)
    }

    /// The server that was named, with exactly that token.
    func remoteClient(_ context: CommandContext, token: String?) throws -> RemoteClient {
        guard let server = server ?? context.variable("SS_SERVER") else {
            throw CommandFailure.usage("Name the server with --server or SS_SERVER, such as https://chat.example.com.")
        }
        return try RemoteClient(server: server, token: token, environment: context.environment)
    }
}
