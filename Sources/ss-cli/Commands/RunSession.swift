import SimpleStreamKit
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One run on the screen: shows it, and stops it when the user or the reader of the pipe has had enough.
struct RunSession: Sendable {
    /// How long a stop may take before the process ends all the same.
    private static let patience = Duration.seconds(5)

    let context: CommandContext
    let client: any ChatClient
    let style: AnswerStyle
    var schema: JSONSchema?

    /// Asks and shows the answer.
    func ask(_ question: Question, conversationID: String?, model: ModelName) async throws -> ExitStatus {
        let wish = StopWish { [client] messageID in
            // What cannot be reached now ends by its lease.
            try? await client.stop(messageID)
        }
        context.interrupts.onFirst { wish.arrived(endingWithin: Self.patience) }
        context.console.output.whenReaderLeaves { wish.readerLeft() }
        defer { context.interrupts.onFirst(nil) }
        var printer = AnswerPrinter(
            console: context.console, style: style,
            transcript: RunTranscript(conversationID: conversationID, model: model))
        do {
            try await client.ask(question) { frame in
                if let id = frame.messageID { wish.learned(id) }
                try await printer.take(frame)
            }
        } catch let error as OutputClosed {
            await wish.stopNow()
            throw error
        } catch let error as ChatError {
            try await sayNothingBegan(error, printer)
            return try await end(&printer, error)
        }
        if wish.hasReaderLeft { throw OutputClosed() }
        return try await end(&printer, nil)
    }

    /// Shows a run from its beginning; leaving does not stop it.
    func follow(_ messageID: String) async throws -> ExitStatus {
        let console = context.console
        context.interrupts.onFirst {
            console.note("\nss-cli: the answer goes on; `ss-cli stop \(messageID)` ends it.")
            // Unstructured: the process ends here.
            Task {
                await console.flush()
                _exit(ExitStatus.interrupted.rawValue)
            }
        }
        defer { context.interrupts.onFirst(nil) }
        var printer = AnswerPrinter(console: console, style: style, transcript: RunTranscript(model: nil))
        do {
            try await client.follow(messageID) { frame in try await printer.take(frame) }
        } catch let error as ChatError {
            try await sayNothingBegan(error, printer)
            return try await end(&printer, error)
        }
        return try await end(&printer, nil)
    }

    /// A reader of events is told of a run that did not begin as a socket would be.
    private func sayNothingBegan(_ error: ChatError, _ printer: AnswerPrinter) async throws(OutputClosed) {
        guard style.mode == .events else { return }
        try await context.console.print(String(decoding: Notice.error(error, requestID: nil).json, as: UTF8.self))
    }

    private func end(_ printer: inout AnswerPrinter, _ error: ChatError?) async throws -> ExitStatus {
        var objection: ChatError?
        if error == nil, printer.transcript.exitStatus == .success, let schema {
            objection = schema.objection(to: printer.transcript.text).map { .schemaNotSatisfied($0) }
        }
        try await printer.finish(error ?? objection)
        if style.mode == .events, let error = error ?? objection ?? printer.transcript.failure {
            context.console.note("ss-cli: \(error.message)")
        }
        if objection != nil { return .schemaNotSatisfied }
        return context.interrupts.isInterrupted ? .interrupted : printer.transcript.exitStatus
    }
}

extension ChatError {
    fileprivate static func schemaNotSatisfied(_ objection: String) -> ChatError {
        ChatError(
            Code(rawValue: "schema_not_satisfied"), "The answer does not satisfy the schema: \(objection)",
            isRetryable: true)
    }
}

/// Brings the wish to stop together with the id of what is to be stopped, whichever comes first.
private final class StopWish: Sendable {
    private struct State {
        var messageID: String?
        var isWanted = false
        var isSent = false
        var hasReaderLeft = false
    }

    private let state = Mutex(State())
    private let stop: @Sendable (String) async -> Void

    init(stop: @escaping @Sendable (String) async -> Void) { self.stop = stop }

    var hasReaderLeft: Bool { state.withLock { $0.hasReaderLeft } }

    /// The user has had enough.
    func arrived(endingWithin patience: Duration) {
        want()
        // Nothing is under way that could still be saved.
        let patience = state.withLock { $0.messageID == nil } ? .seconds(1) : patience
        // Unstructured: it ends the process when the run's end does not come.
        Task {
            try? await Task.sleep(for: patience)
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    /// Nobody reads the answer any more.
    func readerLeft() {
        state.withLock { $0.hasReaderLeft = true }
        want()
    }

    /// The run has this id.
    func learned(_ messageID: String) { send { $0.messageID = messageID } }

    /// Stops the run, if there is one yet.
    func stopNow() async {
        if let id = state.withLock({ $0.messageID }) { await stop(id) }
    }

    private func want() { send { $0.isWanted = true } }

    private func send(_ change: (inout State) -> Void) {
        let id = state.withLock { state -> String? in
            change(&state)
            guard state.isWanted, !state.isSent, let id = state.messageID else { return nil }
            state.isSent = true
            return id
        }
        guard let id else { return }
        // Unstructured, since a signal's handler cannot wait; the run's terminal frame tells when it is done.
        Task { await stop(id) }
    }
}
