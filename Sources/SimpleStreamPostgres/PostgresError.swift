/// What a connection met.
struct PostgresError: Error {
    enum Kind {
        /// No connection could be made, or there is none at the moment. Nothing was sent.
        case unreachable
        /// The connection broke. What was under way may have been done.
        case lost
        /// The server refused a statement; its transaction is undone.
        case refused
        /// The statement took too long and was stopped; its transaction is undone.
        case late
        /// The task was cancelled and the statement stopped.
        case cancelled
        /// A result is not what the program expects.
        case unreadable
    }

    var kind: Kind
    /// SQLSTATE, five characters; empty when the server said none.
    var state = ""
    /// The name of the violated constraint.
    var constraint = ""
    /// For developers: no values, no password.
    var detail: String
    /// Whether the connection was given up because the server said nothing: others to it will be as silent.
    var isSilent = false

    /// Two transactions met and one had to give way: doing it again is fine.
    var isConflict: Bool { state == "40001" || state == "40P01" }

    /// What the connection knew of prepared statements is not so any more; nothing was done.
    var isStalePlan: Bool { state == "26000" || (state == "0A000" && detail.contains("cached plan")) }

    /// The server takes no writes, or no more at all: another connection may reach one that does.
    var spoilsConnection: Bool { kind == .lost || state == "25006" || state.hasPrefix("57P") || isOutdated }

    /// The database's clock says that the statement was given up, which is not so: one of the clocks was set.
    var isOutdated: Bool { state == "SS001" }
}

extension PostgresError {
    /// Two requests with one id began at once, and the other one was first: looking again finds it.
    var isRequestRace: Bool { state == "23505" && constraint == "messages_by_request" }
}
