import ArgumentParser
import SimpleStreamKit

/// Lists the models.
struct ModelsCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the models, and whose key each would be asked with.")

    @Flag(name: .customLong("available"), help: "Only those that can be used now.")
    var onlyAvailable = false

    @Option(
        name: .customLong("default"),
        help: ArgumentHelp("Use this model from now on when none is named.", valueName: "model"))
    var preferred: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await connection.withClient(context) { client in
            if let preferred {
                let name = try await ModelChoice(client: client, context: context).named(preferred, by: "--default")
                try Preferences(context).save(model: name.description)
                context.console.note("ss-cli: \(name) answers from now on when no model is named.")
                return .success
            }
            let models = try await client.models().filter { $0.isAvailable || !onlyAvailable }
            try await list.print(models, in: context) { Self.table(models, isServers: client.providerNames.isEmpty) }
            return .success
        }
    }

    private static func table(_ models: [ModelRecord], isServers: Bool) -> Table {
        Table(
            header: ["MODEL", "NAME", "CONTEXT", "KEY"],
            rows: models.map { model in
                [
                    model.name.description, model.displayName, model.contextWindow.map(Self.short) ?? "-",
                    key(model, isServers: isServers),
                ]
            })
    }

    private static func key(_ model: ModelRecord, isServers: Bool) -> String {
        switch model.keySource {
        case "user": "saved"
        case "operator" where ["local", "demo"].contains(model.name.provider): "not needed"
        case "operator": isServers ? "server" : "environment"
        default: "-"
        }
    }

    /// Such as `128k` or `1M`.
    private static func short(_ tokens: Int) -> String {
        switch tokens {
        case 1_000_000...: "\(tokens / 1_000_000)M"
        case 1000...: "\(tokens / 1000)k"
        default: "\(tokens)"
        }
    }
}
