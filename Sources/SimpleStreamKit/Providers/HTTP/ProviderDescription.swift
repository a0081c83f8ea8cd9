/// A provider as data: where it is, how it is spoken to, what it asks of a key.
public struct ProviderDescription: Sendable {
    /// The name in `provider/model`: lower-case letters, digits, `-`.
    public var name: String
    /// The name users read.
    public var displayName: String
    /// Where its paths lie, without a slash at the end.
    public var baseURL: String
    /// Where the operator has put it, when that is not its maker's choice; see ``ChatProvider/operatorBaseURL``.
    public var operatorBaseURL: String?
    /// How the key is shown.
    public var authorization: ProviderAuthorization
    /// Sent with every request, besides the key.
    public var headers: [(name: String, value: String)]
    /// The operator's, which may be secrets: sent with the operator's credential only.
    package var operatorHeaders: [(name: String, value: String)] = []
    /// How prompts are asked and replies read.
    public var wire: any WireFormat
    /// How long it may take and how it may be reached.
    public var transport: TransportOptions
    /// What its keys look like; nil when anything may be one.
    public var keyShape: KeyShape?
    /// The cheapest call that tells whether a key works.
    public var keyCheck: KeyCheck
    /// How its models are listed.
    public var modelList: ModelList
    /// What its errors mean.
    package var failures: FailureDecoder
    /// How long its lines and events may be.
    package var streamLimits: EventStreamParser.Limits
    /// Bytes of text, thinking, arguments and pictures in one answer. Default 8 MiB.
    public var maxAnswerBytes: Int

    package init(
        name: String,
        displayName: String,
        baseURL: String,
        authorization: ProviderAuthorization = .bearer,
        headers: [(name: String, value: String)] = [],
        wire: any WireFormat,
        transport: TransportOptions = TransportOptions(),
        keyShape: KeyShape? = nil,
        keyCheck: KeyCheck = .modelList,
        modelList: ModelList = .openAI,
        failures: FailureDecoder,
        streamLimits: EventStreamParser.Limits = .init(),
        maxAnswerBytes: Int = 8 << 20
    ) {
        self.name = name
        self.displayName = displayName
        self.baseURL = baseURL
        self.authorization = authorization
        self.headers = headers
        self.wire = wire
        self.transport = transport
        self.keyShape = keyShape
        self.keyCheck = keyCheck
        self.modelList = modelList
        self.failures = failures
        self.streamLimits = streamLimits
        self.maxAnswerBytes = maxAnswerBytes
    }

    /// Describes a provider with a wire format of one's own.
    public init(name: String, displayName: String, baseURL: String, wire: any WireFormat) {
        self.init(
            name: name,
            displayName: displayName,
            baseURL: baseURL,
            wire: wire,
            failures: FailureDecoder(providerName: displayName))
    }
}
