/// One event of a run, or one notice, as it goes to clients: encoded once, whoever reads it.
///
/// A frame knows where in its JSON the delta stands, so that neighbours can be joined without decoding.
public struct Frame: Sendable, Hashable {
    /// What a frame is to those who pass it on.
    public enum Kind: UInt8, Sendable {
        /// A piece of the answer; neighbours can be joined.
        case text = 1
        /// A piece of thinking; neighbours can be joined.
        case thinking = 2
        /// A numbered event that stands alone.
        case event = 3
        /// The last numbered event of a run.
        case terminal = 4
        /// Not numbered, not logged.
        case notice = 5
    }

    public let kind: Kind
    /// The run it belongs to; empty for a notice that belongs to none.
    public let messageID: String
    /// The first sequence number it covers; 0 for a notice.
    public let fromSeq: Int
    /// The last sequence number it covers; 0 for a notice.
    public let seq: Int
    /// The whole JSON object.
    public let json: [UInt8]
    /// Where in `json` the escaped delta stands; empty unless the kind is text or thinking.
    public let delta: Range<Int>

    /// The connection a notice came from and does not go back to; empty for none.
    package let senderID: String

    package init(
        kind: Kind,
        messageID: String,
        fromSeq: Int,
        seq: Int,
        json: [UInt8],
        delta: Range<Int> = 0..<0,
        senderID: String = ""
    ) {
        self.kind = kind
        self.messageID = messageID
        self.fromSeq = fromSeq
        self.seq = seq
        self.json = json
        self.delta = delta
        self.senderID = senderID
    }
}
