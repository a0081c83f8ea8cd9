import ArgumentParser
import Logging
import SimpleStreamComposition
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks after the keys users saved.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look after the provider keys users saved.",
        subcommands: [Rotate.self, Import.self])
}

extension KeysCommand {
    /// Seals all keys under the first key of the ring, while servers go on.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal all saved keys again under the first key of ENCRYPTION_KEY, while servers run.",
            discussion: """
                First start every server with ENCRYPTION_KEY=<new id>:<new key>,<old id>:<old key>, then run this, then \
                start them with the new key alone. It may be broken off and run again.
                """)

        @OptionGroup var options: ServerOptions
        @Option(help: "How many keys are read at a time.")
        var batch = 100

        func run() async throws {
            try await SSServer.run {
                let tools = try await KeyTools(options.variables())
                let rotation = KeyRotation(vault: tools.vault, store: tools.store, pageSize: batch)
                let report = try await rotation.run { report in
                    Output.complain("ss-server: \(report.resealed + report.current + report.unreadable) keys so far")
                }
                Output.say(
                    "resealed \(report.resealed), already current \(report.current), unreadable \(report.unreadable)")
                guard report.isComplete else {
                    Output.complain(
                        "ss-server: some keys open with no key of ENCRYPTION_KEY; add the one they were saved with.")
                    throw ExitCode.failure
                }
            }
        }
    }

    /// Takes over keys of the original Simple Stream.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over keys of the original Simple Stream, sealed anew.",
            discussion: """
                FILE is a JSON array of its UserApiKey rows, as SELECT json_agg(k) FROM "UserApiKey" k prints it. Users \
                keep their ids unless --user names one for all. Keys that are here already stay.
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "The JSON file.")
        var file: String
        @Option(help: "A file with the original's ENCRYPTION_KEY, 64 hexadecimal digits.")
        var originalKeyFile: String
        @Option(
            help: "Whose the keys are to be, whatever the rows say; local is the user of a server without accounts.")
        var user: String?

        func run() async throws {
            try await SSServer.run {
                let tools = try await KeyTools(options.variables())
                let text = try Self.read(originalKeyFile, for: "--original-key-file")
                guard let key = [UInt8](hex: text.filter { !$0.isWhitespace }), key.count == 32 else {
                    throw ConfigurationError(
                        "--original-key-file", "it holds no key", accepted: "64 hexadecimal digits")
                }
                guard let rows = (try? JSONValue(parsing: Self.read(file, for: "FILE")))?.array else {
                    throw ConfigurationError("FILE", "it is not a JSON array", accepted: "an array of rows")
                }
                let report = try await tools.take(rows, openedWith: key, for: user)
                Output.say("imported \(report.imported), already there \(report.present), failed \(report.failed)")
                if report.failed > 0 { throw ExitCode.failure }
            }
        }

        private static func read(_ path: String, for name: String) throws(ConfigurationError) -> String {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
                throw ConfigurationError(name, "\(path) cannot be read", accepted: "a readable file")
            }
            return String(decoding: data, as: UTF8.self)
        }
    }
}
