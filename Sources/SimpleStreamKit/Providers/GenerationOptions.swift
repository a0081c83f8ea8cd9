/// How the model should answer. Nil leaves the choice to the provider; what a model refuses is not sent to it.
public struct GenerationOptions: Sendable, Hashable, Codable {
    /// none, minimal, low, medium, high, xhigh or max; the nearest level the model knows is used.
    public var reasoningEffort: String?
    /// low, medium or high.
    public var outputVerbosity: String?
    /// 0 to 2.
    public var temperature: Double?
    /// 0 to 1.
    public var topP: Double?
    /// At least 1.
    public var maxTokens: Int?
    /// Whether the provider may search the web.
    public var webSearch: Bool?
    /// Where the user roughly is, when they allowed it to be told.
    public var location: ApproximateLocation?

    public init(
        reasoningEffort: String? = nil,
        outputVerbosity: String? = nil,
        temperature: Double? = nil,
        topP: Double? = nil,
        maxTokens: Int? = nil,
        webSearch: Bool? = nil,
        location: ApproximateLocation? = nil
    ) {
        self.reasoningEffort = reasoningEffort
        self.outputVerbosity = outputVerbosity
        self.temperature = temperature
        self.topP = topP
        self.maxTokens = maxTokens
        self.webSearch = webSearch
        self.location = location
    }
}

/// A place no more precise than a city.
public struct ApproximateLocation: Sendable, Hashable, Codable {
    public var city: String?
    public var region: String?
    /// ISO 3166-1 alpha-2.
    public var country: String?
    /// IANA name, such as Europe/Paris.
    public var timeZone: String?

    public init(city: String? = nil, region: String? = nil, country: String? = nil, timeZone: String? = nil) {
        self.city = city
        self.region = region
        self.country = country
        self.timeZone = timeZone
    }
}
