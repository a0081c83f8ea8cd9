/// Why older frames of a run are read for a reader.
enum CatchUpReason: Sendable {
    /// The reader asked for them.
    case asked
    /// Frames were missing before one that arrived.
    case gap
    /// Nothing arrived for a while, and there is more.
    case silence
}
