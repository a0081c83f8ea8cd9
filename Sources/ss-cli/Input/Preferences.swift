import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the user has chosen for good: a small file in the configuration directory.
struct Preferences {
    private let path: String?

    init(_ context: CommandContext) {
        let directory =
            context.variable("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? context.variable("HOME").map { "\($0)/.config" }
        path = directory.map { "\($0)/simple-stream/cli.json" }
    }

    /// The model that answers when none is named; nil when there is no such choice, or the file is not ours to read.
    var model: String? {
        guard let path, let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return nil }
        return (try? JSONValue(parsing: Array(data)))?["model"]?.string
    }

    /// Remembers the model.
    func save(model: String) throws(CommandFailure) {
        guard let path else {
            throw CommandFailure.configuration("There is no home directory to keep the choice in.", code: .internal)
        }
        let json: JSONValue = ["model": .string(model)]
        do {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(json.encoded + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure.configuration("\(path) cannot be written.", code: .internal)
        }
    }
}
