import NIOCore

/// What is said first on a connection, and what must be answered.
struct Handshake: Sendable {
    let username: String?
    let password: String?
    let database: Int
    /// Whether only a master will do.
    let needsMaster: Bool

    /// - Parameter withRESP3: whether RESP3 is asked for. Servers before 6 do not know it.
    func commands(withRESP3: Bool) -> [RedisCommand] {
        var commands: [RedisCommand] = []
        if withRESP3 {
            var hello = RedisCommand("HELLO", "3")
            if let password {
                for word in ["AUTH", username ?? "default", password] { hello.append(word) }
            }
            commands.append(hello)
        } else if let password {
            var auth = RedisCommand("AUTH")
            if let username { auth.append(username) }
            auth.append(password)
            commands.append(auth)
        }
        if database != 0 { commands.append(RedisCommand("SELECT", "\(database)")) }
        if needsMaster { commands.append(RedisCommand("ROLE")) }
        commands.append(RedisCommand("PING"))
        return commands
    }

    /// Makes sure that the replies allow for what follows.
    ///
    /// - Throws: `refused`.
    func check(_ replies: [RedisValue]) throws(RedisError) {
        for (index, reply) in replies.enumerated() {
            // A user may be forbidden to ask for the role; then the first write tells.
            if case .error(let text) = reply, text.hasPrefix("NOPERM"), index == replies.count - 2, needsMaster {
                continue
            }
            let value = try reply.get()
            guard needsMaster, let role = value.elements?.first?.text, ["slave", "sentinel"].contains(role) else {
                continue
            }
            throw RedisError(.refused, "Redis is a replica that takes no writes.", word: "READONLY")
        }
    }

    /// Says it, in RESP3 where both sides know it.
    func perform(on connection: RedisConnection, deadline: NIODeadline) async throws(RedisError) {
        if ReplyParser.understandsRESP3 {
            let replies = try await connection.answers(to: commands(withRESP3: true), deadline: deadline)
            if case .error(let text)? = replies.first, text.hasPrefix("NOPROTO") || text.hasPrefix("ERR unknown") {
                // Not known there: as before.
            } else {
                return try check(replies)
            }
        }
        try check(await connection.answers(to: commands(withRESP3: false), deadline: deadline))
    }
}

extension RedisConnection {
    /// Sends commands and returns what was answered. Its deadline bounds the wait; cancellation does not end it.
    func answers(to commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisValue] {
        let result = await withCheckedContinuation { continuation in
            do throws(RedisError) {
                send(try Request(commands, deadline: deadline) { continuation.resume(returning: $0) })
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}
