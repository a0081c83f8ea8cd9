import SimpleStreamKit

/// How the process ends; the numbers are part of the interface.
struct ExitStatus: RawRepresentable, Sendable, Hashable {
    let rawValue: Int32

    static let success = ExitStatus(rawValue: 0)
    static let unexpected = ExitStatus(rawValue: 1)
    static let usage = ExitStatus(rawValue: 2)
    /// Missing or bad configuration or key.
    static let configuration = ExitStatus(rawValue: 3)
    static let keyRejected = ExitStatus(rawValue: 4)
    /// A rate limit or a quota.
    static let limited = ExitStatus(rawValue: 5)
    /// Network, down or stalled.
    static let unavailable = ExitStatus(rawValue: 6)
    static let refused = ExitStatus(rawValue: 7)
    /// A content filter or a refusal.
    static let filtered = ExitStatus(rawValue: 8)
    /// The stream ended without a terminal event.
    static let cutOff = ExitStatus(rawValue: 9)
    static let schemaNotSatisfied = ExitStatus(rawValue: 10)
    static let interrupted = ExitStatus(rawValue: 130)
}

extension ExitStatus {
    init(_ code: ChatError.Code) {
        switch code {
        case .noProviderKey:
            self = .configuration
        case .unauthenticated, .providerAuth, .providerPermission:
            self = .keyRejected
        case .rateLimited, .quotaExceeded, .providerRateLimited, .providerQuotaExhausted:
            self = .limited
        case .providerOverloaded, .providerUnavailable, .providerStalled, .storageUnavailable, .draining:
            self = .unavailable
        case .invalidMessage, .invalidRequest, .forbidden, .notFound, .conversationBusy, .idempotencyConflict,
            .payloadTooLarge, .providerInvalidRequest, .providerModelNotFound, .contextLengthExceeded:
            self = .refused
        case .contentFiltered:
            self = .filtered
        case .providerProtocol, .interrupted:
            self = .cutOff
        case .cancelled:
            self = .interrupted
        default:
            self = .unexpected
        }
    }

    init(_ reason: FinishReason) {
        switch reason {
        case .contentFilter, .refusal: self = .filtered
        case .cancelled: self = .interrupted
        default: self = .success
        }
    }

    /// What a verdict on a key means for whoever asked for it.
    init(_ verdict: KeyVerdict.Code) {
        switch verdict {
        case .valid: self = .success
        case .rejected, .blocked: self = .keyRejected
        case .exhausted, .rateLimited: self = .limited
        case .unreachable: self = .unavailable
        case .wrongEndpoint: self = .configuration
        default: self = .unexpected
        }
    }
}
