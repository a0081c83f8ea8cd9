import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The tokens `ss-cli login` was given, by server: a file in the configuration directory that only its owner reads.
struct StoredTokens {
    private let path: String?

    init(_ context: CommandContext) {
        let directory =
            context.variable("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? context.variable("HOME").map { "\($0)/.config" }
        path = directory.map { "\($0)/simple-stream/tokens.json" }
    }

    /// The token for a server; nil when there is none, or the file is not ours to read.
    func token(for server: BaseURL) -> String? { servers[server.text]?.string }

    /// Keeps a token in place of the one before it, or forgets it when it is nil.
    func save(_ token: Secret?, for server: BaseURL) throws(CommandFailure) {
        guard let path else {
            throw CommandFailure.configuration("There is no home directory to keep the token in.", code: .internal)
        }
        var servers = servers
        servers[server.text] = token.map { .string($0.reveal()) }
        let json: JSONValue = ["servers": .object(servers)]
        do {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure.configuration("\(path) cannot be written.", code: .internal)
        }
        guard Self.replace(path, with: json.encoded + [UInt8(ascii: "\n")]) else {
            throw CommandFailure.configuration("\(path) cannot be written.", code: .internal)
        }
    }

    private var servers: JSONObject {
        guard let path, let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return JSONObject() }
        return (try? JSONValue(parsing: Array(data)))?["servers"]?.object ?? JSONObject()
    }

    /// Writes a file that nobody else can read at any moment, whole or not at all.
    private static func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        let unfinished = "\(path).\(UUIDv7.make())"
        let descriptor = unsafe open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { return false }
        let written = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        if written == bytes.count, unsafe rename(unfinished, path) == 0 { return true }
        _ = unsafe unlink(unfinished)
        return false
    }
}

extension BaseURL {
    /// The address in one spelling.
    var text: String { "\(scheme)://\(authority)\(path)" }
}
