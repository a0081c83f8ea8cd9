import Crypto

/// A Lua script: sent by its name, and whole when the server does not know it.
struct RedisScript: Sendable {
    private let source: String
    private let name: String

    init(_ source: String) {
        self.source = source
        // Redis names scripts so; it secures nothing.
        name = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// The command that calls it, to which its arguments are added.
    func known(keys: [String]) -> RedisCommand { command("EVALSHA", name, keys) }

    /// The command that brings it.
    func whole(keys: [String]) -> RedisCommand { command("EVAL", source, keys) }

    private func command(_ word: String, _ script: String, _ keys: [String]) -> RedisCommand {
        var command = RedisCommand(word, script, "\(keys.count)")
        for key in keys { command.append(key) }
        return command
    }
}

extension RedisValue {
    /// Whether the server did not know a script.
    var saysNoScript: Bool {
        if case .error(let text) = self { text.hasPrefix("NOSCRIPT") } else { false }
    }
}
