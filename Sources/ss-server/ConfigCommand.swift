import ArgumentParser
import SimpleStreamComposition

/// Prints what holds, wherever it was said.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the effective configuration, with secrets masked.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await SSServer.run {
            let variables = try options.variables()
            let settings = try ServerSettings(variables)
            for setting in EffectiveSetting.all(of: settings, variables) { Output.say(setting.line) }
        }
    }
}
