import ArgumentParser
import Logging
import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamServer

/// Looks at everything the server needs and says what is wrong and what to do.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at everything the server needs, and say what is wrong and what to do.",
        discussion:
            "The status is 0 when nothing failed, 1 when something did, 2 when the configuration cannot be used."
    )

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await SSServer.run {
            let settings = try ServerSettings(options.variables())
            var doctor = Doctor(settings: settings) { finding in Output.say(finding.line) }
            try await doctor.examine()
            if doctor.hasFailed { throw ExitCode.failure }
        }
    }
}
