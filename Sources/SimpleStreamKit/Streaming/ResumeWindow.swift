/// What one reader has of one run, and what to do with the next frame of it.
struct ResumeWindow: Equatable {
    enum Action: Equatable {
        case deliver
        case ignore
        /// Frames are missing: read them after this sequence number.
        case replay(after: Int)
        /// Keep it until the missing frames are there.
        case hold
    }

    /// A number beyond all: of a run that is gone only an end is delivered.
    static let beyondAll = Int.max - 1

    /// The last sequence number the reader was given.
    private(set) var last: Int
    /// Whether older frames are being read.
    private(set) var isCatchingUp: Bool

    init(after last: Int, isCatchingUp: Bool = false) {
        self.last = last
        self.isCatchingUp = isCatchingUp
    }

    mutating func arrived(_ frame: Frame) -> Action {
        if isCatchingUp { return .hold }
        if frame.kind == .terminal {
            if frame.fromSeq > last + 1 { return gap() }
            last = frame.seq
            return .deliver
        }
        if frame.seq <= last { return .ignore }
        if frame.fromSeq != last + 1 { return gap() }
        last = frame.seq
        return .deliver
    }

    /// Older frames, or a snapshot up to `seq`, were given to the reader.
    mutating func caughtUp(to seq: Int) {
        last = seq
        isCatchingUp = false
    }

    private mutating func gap() -> Action {
        isCatchingUp = true
        return .replay(after: last)
    }
}
