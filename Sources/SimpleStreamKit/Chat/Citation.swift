/// A source the model named.
public struct Citation: Sendable, Hashable, Codable {
    public var url: String
    public var title: String
    /// Where in the answer's text the cited passage starts, in Unicode scalars.
    public var start: Int?
    /// Where it ends.
    public var end: Int?

    public init(url: String, title: String, start: Int? = nil, end: Int? = nil) {
        self.url = url
        self.title = title
        self.start = start
        self.end = end
    }

    /// About how many bytes it takes.
    var size: Int { url.utf8.count + title.utf8.count + 64 }
}
