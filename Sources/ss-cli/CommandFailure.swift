import SimpleStreamKit

/// Why a command ended before it could do its work.
struct CommandFailure: Error, Sendable {
    let status: ExitStatus
    /// The same in the words of the wire protocol.
    let code: ChatError.Code
    /// What was wrong and what is accepted, in a sentence.
    let message: String

    /// What was typed cannot be used.
    static func usage(_ message: String) -> CommandFailure {
        CommandFailure(status: .usage, code: .invalidRequest, message: message)
    }

    /// Something has to be set first.
    static func configuration(_ message: String, code: ChatError.Code = .noProviderKey) -> CommandFailure {
        CommandFailure(status: .configuration, code: code, message: message)
    }
}
