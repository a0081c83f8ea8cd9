import ArgumentParser
import HTTPTypes
import SimpleStreamKit

/// Looks after the tokens of a server.
struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "List, make and revoke tokens of a server.",
        subcommands: [List.self, Create.self, Revoke.self], defaultSubcommand: List.self)

    /// Lists them, without the tokens.
    struct List: ToolCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List your tokens.")

        @OptionGroup var list: ListOptions
        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            let client = try connection.remoteClient(context)
            let tokens = try await client.items("/api/tokens").map(TokenRecord.init)
            try await list.print(tokens, in: context) {
                Table(
                    header: ["ID", "NAME", "SCOPES", "EXPIRES", "LAST USED"],
                    rows: tokens.map { [$0.id, $0.name, $0.scopes, $0.time("expiresAt"), $0.time("lastUsedAt")] })
            }
            return .success
        }
    }

    /// Makes one and prints it, this once.
    struct Create: ToolCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a token and print it, this once.")

        @Argument(help: "What to call it.")
        var name: String

        @Option(help: "What it allows, separated by commas: chat, read, keys, admin. Default chat,read.")
        var scopes: String?

        @Option(help: "After how many days it ends. Default never.")
        var days: Int?

        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            let client = try connection.remoteClient(context)
            var body: JSONValue = ["name": .string(name)]
            if let scopes {
                body["scopes"] = .array(scopes.split { $0 == "," || $0 == " " }.map { .string(String($0)) })
            }
            body["expiresInDays"] = days.map(JSONValue.integer)
            let token = try await client.json(client.request(.post, "/api/tokens"), body)
            guard let secret = token["token"]?.string else { throw client.stranger }
            try await context.console.print(secret)
            return .success
        }
    }

    /// Ends one.
    struct Revoke: ToolCommand {
        static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token, at once.")

        @Argument(help: "Its id, as the list shows it.")
        var id: String

        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            let client = try connection.remoteClient(context)
            try await client.json(client.request(.delete, "/api/tokens/\(id.queryEscaped)"))
            context.console.note("ss-cli: the token is revoked.")
            return .success
        }
    }
}
