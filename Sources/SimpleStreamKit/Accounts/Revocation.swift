/// What lets nobody in any more. Told to all nodes, so that open sockets close.
package enum Revocation: Hashable, Sendable {
    case session(String)
    case token(String)
    /// Everything that lets a user in.
    case user(String)

    /// As it travels between nodes.
    var frame: Frame {
        var event = EventWriter("account:revoked")
        switch self {
        case .session(let id): event.field("session", id)
        case .token(let id): event.field("token", id)
        case .user(let id): event.field("user", id)
        }
        return .notice(event.finish())
    }

    /// Nil for what is none.
    init?(_ frame: Frame) {
        guard let value = try? JSONValue(parsing: frame.json), value["type"] == "account:revoked" else { return nil }
        if let id = value["session"]?.string {
            self = .session(id)
        } else if let id = value["token"]?.string {
            self = .token(id)
        } else if let id = value["user"]?.string {
            self = .user(id)
        } else {
            return nil
        }
    }
}
