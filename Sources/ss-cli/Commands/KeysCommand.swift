import ArgumentParser
import SimpleStreamKit

/// Looks after the user's own keys.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Save, list, check and remove provider keys.",
        discussion: "Keys are kept encrypted. They are typed or piped in, never given as an argument.",
        subcommands: [List.self, Set.self, Check.self, Remove.self], defaultSubcommand: List.self)

    /// Lists them, without the keys.
    struct List: ToolCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the saved keys.")

        @OptionGroup var list: ListOptions
        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            try await connection.withClient(context) { client in
                let keys = try await client.keys()
                try await list.print(keys, in: context) {
                    Table(
                        header: ["PROVIDER", "KEY", "VERDICT", "CHECKED"],
                        rows: keys.map { [$0.provider, "…\($0.lastFour)", $0.verdict, $0.time("checkedAt")] })
                }
                return .success
            }
        }
    }

    /// Saves one.
    struct Set: ToolCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Save a key, after asking the provider about it.")

        @Argument(help: "The provider, such as openai.")
        var provider: String

        @Flag(name: .customLong("no-check"), help: "Save it without asking the provider.")
        var isUnchecked = false

        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            try await connection.withClient(context) { client in
                try KeysCommand.check(provider, client)
                let key = try await SecretInput.read("Key for \(provider) (not shown): ", in: context)
                let verdict = try await client.saveKey(key, for: provider, isChecked: !isUnchecked)
                guard isUnchecked || verdict.isBearable else {
                    context.console.note("ss-cli: the key was not saved: \(verdict.message)")
                    return ExitStatus(verdict.code)
                }
                context.console.note(
                    isUnchecked || verdict.code == .valid
                        ? "ss-cli: the key for \(provider) is saved."
                        : "ss-cli: the key for \(provider) is saved, but cannot be used now: \(verdict.message)")
                return .success
            }
        }
    }

    /// Asks the provider about the one in use.
    struct Check: ToolCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Ask the provider about the key in use.")

        @Argument(help: "The provider, such as openai.")
        var provider: String

        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            try await connection.withClient(context) { client in
                try KeysCommand.check(provider, client)
                let verdict = try await client.checkKey(for: provider)
                try await context.console.print("\(provider): \(verdict.code.rawValue)")
                if verdict.code != .valid { context.console.note("ss-cli: \(verdict.message)") }
                return ExitStatus(verdict.code)
            }
        }
    }

    /// Forgets one.
    struct Remove: ToolCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Forget a saved key.", aliases: ["delete"])

        @Argument(help: "The provider, such as openai.")
        var provider: String

        @OptionGroup var connection: ConnectionOptions

        func run(in context: CommandContext) async throws -> ExitStatus {
            try await connection.withClient(context) { client in
                try await client.removeKey(for: provider)
                context.console.note("ss-cli: the key for \(provider) is removed.")
                return .success
            }
        }
    }

    private static func check(_ provider: String, _ client: any ChatClient) throws(CommandFailure) {
        guard client.providerNames.isEmpty || client.providerNames.contains(provider) else {
            throw CommandFailure.usage(
                "There is no provider \"\(provider)\"; accepted is one of \(client.providerNames.joined(separator: ", "))."
            )
        }
    }
}
