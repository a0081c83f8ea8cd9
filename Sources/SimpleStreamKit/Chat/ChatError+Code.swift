extension ChatError {
    /// A failure's name on the wire.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        // What the client sent.
        public static let invalidMessage = Code(rawValue: "invalid_message")
        public static let invalidRequest = Code(rawValue: "invalid_request")
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        public static let forbidden = Code(rawValue: "forbidden")
        public static let notFound = Code(rawValue: "not_found")
        public static let conversationBusy = Code(rawValue: "conversation_busy")
        public static let idempotencyConflict = Code(rawValue: "idempotency_conflict")
        public static let payloadTooLarge = Code(rawValue: "payload_too_large")
        public static let rateLimited = Code(rawValue: "rate_limited")
        public static let quotaExceeded = Code(rawValue: "quota_exceeded")

        // What the provider said.
        public static let noProviderKey = Code(rawValue: "no_provider_key")
        public static let providerAuth = Code(rawValue: "provider_auth")
        public static let providerPermission = Code(rawValue: "provider_permission")
        public static let providerModelNotFound = Code(rawValue: "provider_model_not_found")
        public static let providerRateLimited = Code(rawValue: "provider_rate_limited")
        public static let providerQuotaExhausted = Code(rawValue: "provider_quota_exhausted")
        public static let providerOverloaded = Code(rawValue: "provider_overloaded")
        public static let providerUnavailable = Code(rawValue: "provider_unavailable")
        public static let providerStalled = Code(rawValue: "provider_stalled")
        public static let providerInvalidRequest = Code(rawValue: "provider_invalid_request")
        public static let providerProtocol = Code(rawValue: "provider_protocol")
        public static let contextLengthExceeded = Code(rawValue: "context_length_exceeded")
        public static let contentFiltered = Code(rawValue: "content_filtered")

        // What happened to us.
        public static let interrupted = Code(rawValue: "interrupted")
        public static let storageUnavailable = Code(rawValue: "storage_unavailable")
        public static let draining = Code(rawValue: "draining")
        public static let `internal` = Code(rawValue: "internal")

        /// The calling task was cancelled. Never sent to a client.
        public static let cancelled = Code(rawValue: "cancelled")

        /// Whether a failure of this kind may pass by itself.
        public var isRetryable: Bool {
            switch self {
            case .conversationBusy, .rateLimited, .providerRateLimited, .providerOverloaded, .providerUnavailable,
                .providerStalled, .interrupted, .storageUnavailable, .draining:
                true
            default:
                false
            }
        }
    }
}
