internal import CLibPQ
import SimpleStreamKit

/// One connection, used by one thread, which may wait for it.
///
/// libpq is only ever called without blocking; every wait has a deadline and ends early when somebody interrupts it.
/// All statements of one ``run(_:)`` go out together and are one transaction: one round trip.
@safe
final class Connection {
    let pointer: OpaquePointer
    let wakeUp: WakeUp
    /// The names of the prepared statements, by their text.
    private var prepared: [String: String] = [:]
    private var preparedCount = 0
    /// How long one run may take.
    var patience: Duration
    /// How long the server may take to stop a statement.
    private static let grace = Duration.seconds(2)

    /// What the database's clock said when ours said something.
    private var databaseClock: (time: Int64, at: MonotonicTime)?

    /// What can stop the run of the moment.
    var interrupt: Interrupt?
    private var deadline = MonotonicTime.now
    private var stop: (reason: PostgresError.Kind, cancel: StatementCancel?, until: MonotonicTime)?
    /// Why it cannot be used any more.
    private(set) var failure: PostgresError?
    /// What no error may show.
    private let secret: String?

    /// Begins to connect.
    init(_ parameters: [ConnectionParameters.Pair], secret: String?, wakeUp: WakeUp, patience: Duration)
        throws(PostgresError)
    {
        let keywords = CStrings(parameters.map(\.keyword))
        let values = CStrings(parameters.map(\.value))
        guard
            let pointer = unsafe keywords.withPointers({ keywords in
                unsafe values.withPointers { values in unsafe PQconnectStartParams(keywords, values, 0) }
            })
        else { throw PostgresError(kind: .unreachable, detail: "libpq has no memory") }
        unsafe self.pointer = pointer
        self.secret = secret
        self.wakeUp = wakeUp
        self.patience = patience
        // With the code in it: libpq says it in no other way when a connection is refused.
        _ = unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        _ = unsafe PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit { unsafe PQfinish(pointer) }

    var isBroken: Bool { failure != nil }

    // MARK: Connecting

    /// Connects, which may take until `deadline`; `isWanted` is asked at every wake-up.
    func connect(by deadline: MonotonicTime, while isWanted: () -> Bool) throws(PostgresError) {
        var isWriting = true
        while true {
            guard unsafe PQstatus(pointer) != CONNECTION_BAD else { throw connectionError() }
            let left = deadline.millisecondsLeft
            guard left > 0, isWanted() else {
                throw PostgresError(kind: .unreachable, detail: "no connection within its time")
            }
            guard wakeUp.wait(unsafe PQsocket(pointer), forWriting: isWriting, milliseconds: left) else { continue }
            switch unsafe PQconnectPoll(pointer) {
            case PGRES_POLLING_OK: return try begin()
            case PGRES_POLLING_READING: isWriting = false
            case PGRES_POLLING_WRITING: isWriting = true
            default: throw connectionError()
            }
        }
    }

    private func begin() throws(PostgresError) {
        guard unsafe PQsetnonblocking(pointer, 1) == 0, unsafe PQenterPipelineMode(pointer) == 1 else {
            throw connectionError()
        }
    }

    /// What libpq says, with the server's code when it refused us.
    private func connectionError() -> PostgresError {
        let text = unsafe String(cString: PQerrorMessage(pointer))
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return PostgresError(kind: .unreachable, state: Self.state(in: line), detail: scrubbed(line))
    }

    /// The five characters in `FATAL:  28P01: password authentication failed`.
    private static func state(in line: String) -> String {
        for piece in line.split(separator: ":") {
            let word = piece.drop { $0 == " " }
            if word.count == 5, piece.count == 7, word.utf8.allSatisfy({ isCodeByte($0) }) { return String(word) }
        }
        return ""
    }

    private static func isCodeByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private func scrubbed(_ text: String) -> String {
        guard let secret, !secret.isEmpty else { return text }
        return text.replacing(secret, with: "…")
    }

    /// What the server said of itself, such as `server_encoding`.
    func serverParameter(_ name: String) -> String? {
        guard let value = unsafe PQparameterStatus(pointer, name) else { return nil }
        return unsafe String(cString: value)
    }

    var serverVersion: Int { Int(unsafe PQserverVersion(pointer)) }

    /// Takes what came in while nothing was asked; a server that went away is noticed here.
    func look() {
        if unsafe PQconsumeInput(pointer) == 0 || PQstatus(pointer) == CONNECTION_BAD { _ = lost() }
        _ = unsafe PQisBusy(pointer)
    }

    var socket: Int32 { unsafe PQsocket(pointer) }

    // MARK: Statements

    /// Runs statements in one transaction and one round trip.
    func run(_ statements: Statement...) throws(PostgresError) -> [QueryResult] { try run(statements) }

    /// Runs one statement.
    func one(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> QueryResult {
        guard let result = try run([Statement(sql, parameters)]).first else {
            throw PostgresError(kind: .unreadable, detail: "no result")
        }
        return result
    }

    func run(_ statements: [Statement]) throws(PostgresError) -> [QueryResult] {
        if let failure { throw failure }
        (deadline, stop) = (.now + patience, nil)
        // For each result: the text of the statement it prepares, or nil.
        var expected: [String?] = []
        for statement in statements { try send(statement, &expected) }
        guard unsafe PQpipelineSync(pointer) == 1 else { throw lost() }
        try flush()
        var results: [QueryResult] = []
        var error: PostgresError?
        for preparing in expected {
            guard let result = try nextResult() else { throw lost() }
            // The end of the statement's results.
            while try nextResult() != nil {}
            if preparing == nil { results.append(result) }
            guard result.status != .rows else { continue }
            if let preparing { prepared[preparing] = nil }
            if error == nil, result.status == .failed { error = result.error }
        }
        guard try nextResult()?.status == .pipelineSync else { throw lost(after: error) }
        try endStop()
        guard let error else { return results }
        throw refusal(error)
    }

    /// Runs SQL of several statements without parameters, as migrations are.
    func script(_ sql: String) throws(PostgresError) {
        if let failure { throw failure }
        (deadline, stop) = (.now + patience, nil)
        guard unsafe PQexitPipelineMode(pointer) == 1, unsafe PQsendQuery(pointer, sql) == 1 else { throw lost() }
        try flush()
        var error: PostgresError?
        while let result = try nextResult() {
            if error == nil, result.status == .failed { error = result.error }
        }
        try endStop()
        guard unsafe PQenterPipelineMode(pointer) == 1 else { throw lost() }
        if let error { throw refusal(error) }
    }

    /// Runs `body` in one transaction of several round trips, which is undone when it throws.
    func transaction<R>(_ body: () throws -> R) throws -> R {
        try script("BEGIN")
        do {
            let result = try body()
            try script("COMMIT")
            return result
        } catch {
            // A connection that broke takes the transaction along.
            if !isBroken { try? script("ROLLBACK") }
            throw error
        }
    }

    /// Notes what the database's clock says now.
    func setClock(_ time: Int64) { databaseClock = (time, .now) }

    /// When, by the database's clock, nobody waits any more for a statement that is sent now.
    ///
    /// A server that was stopped and goes on reads statements that were given up long ago; this tells it.
    var lastMoment: Parameter {
        guard let databaseClock else { return .null }
        let patience = (patience + Self.grace + .seconds(1)).storedMilliseconds
        return .int(databaseClock.time + MonotonicTime.now.milliseconds(since: databaseClock.at) + patience)
    }

    /// Forgets what is prepared, because the server did.
    func forgetPrepared() { prepared.removeAll() }

    private func send(_ statement: Statement, _ expected: inout [String?]) throws(PostgresError) {
        let name: String
        if let known = prepared[statement.sql] {
            name = known
        } else {
            preparedCount += 1
            name = "s\(preparedCount)"
            prepared[statement.sql] = name
            guard unsafe PQsendPrepare(pointer, name, statement.sql, 0, nil) == 1 else { throw lost() }
            expected.append(statement.sql)
        }
        let buffer = ParameterBuffer(statement.parameters)
        let isSent = unsafe buffer.bytes.withUnsafeBufferPointer { bytes in
            let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            let values = unsafe buffer.offsets.map { offset -> UnsafePointer<CChar>? in
                offset < 0 ? nil : unsafe start.map { unsafe $0 + offset }
            }
            return unsafe PQsendQueryPrepared(
                pointer, name, Int32(clamping: values.count), values, buffer.lengths, buffer.formats,
                statement.hasBinaryResult ? 1 : 0)
        }
        guard isSent == 1 else { throw lost() }
        expected.append(nil)
    }

    private func flush() throws(PostgresError) {
        while true {
            switch unsafe PQflush(pointer) {
            case 0: return
            case 1:
                try wait(forWriting: true)
                guard unsafe PQconsumeInput(pointer) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func nextResult() throws(PostgresError) -> QueryResult? {
        while unsafe PQisBusy(pointer) == 1 {
            try wait(forWriting: false)
            guard unsafe PQconsumeInput(pointer) == 1 else { throw lost() }
        }
        let result = unsafe QueryResult(owning: PQgetResult(pointer))
        if unsafe PQstatus(pointer) == CONNECTION_BAD { throw lost(after: result?.error) }
        return result
    }

    // MARK: Deadlines and interrupts

    /// Waits for the socket; stops the statement when it is late or nobody wants it any more.
    private func wait(forWriting: Bool) throws(PostgresError) {
        while true {
            if stop == nil {
                if deadline.millisecondsLeft == 0 { beginStop(.late) }
                if interrupt?.isRequested == true { beginStop(.cancelled) }
            }
            let left = (stop?.until ?? deadline).millisecondsLeft
            if stop != nil, left == 0 {
                throw lost(after: PostgresError(kind: .lost, detail: "no answer in time", isSilent: true))
            }
            if wakeUp.wait(socket, forWriting: forWriting, milliseconds: left) { return }
        }
    }

    private func beginStop(_ reason: PostgresError.Kind) {
        let cancel = unsafe StatementCancel(pointer)
        stop = (reason, cancel, .now + Self.grace)
        cancel?.send(wakeUp)
    }

    /// Makes sure that a request to stop cannot meet the next statement.
    private func endStop() throws(PostgresError) {
        guard let stop else { return }
        while let cancel = stop.cancel, !cancel.isFinished {
            let left = stop.until.millisecondsLeft
            guard left > 0 else { throw lost() }
            _ = wakeUp.wait(milliseconds: left)
        }
    }

    private func refusal(_ error: PostgresError) -> PostgresError {
        var error = error
        error.detail = scrubbed(error.detail)
        // The server's own limit, or ours.
        if error.state == "57014" { error.kind = stop?.reason ?? .late }
        if error.isStalePlan { forgetPrepared() }
        if error.spoilsConnection { failure = PostgresError(kind: .lost, state: error.state, detail: error.detail) }
        return error
    }

    /// Gives the connection up.
    private func lost(after error: PostgresError? = nil) -> PostgresError {
        if let failure { return failure }
        let message = unsafe String(cString: PQerrorMessage(pointer))
        var lost = PostgresError(
            kind: .lost, detail: scrubbed(message.split(separator: "\n").first.map(String.init) ?? ""))
        if let error {
            (lost.state, lost.detail, lost.isSilent) = (error.state, scrubbed(error.detail), error.isSilent)
        }
        failure = lost
        return lost
    }
}
