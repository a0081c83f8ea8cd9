public import Foundation
import Synchronization

/// A clock that goes on when it is told to.
public final class ManualClock: Sendable {
    private let time: Mutex<Date>

    public init(_ start: Date = Date(timeIntervalSince1970: 1_700_000_000)) { time = Mutex(start) }

    /// What to give a store as its clock.
    public var now: @Sendable () -> Date {
        { self.time.withLock { $0 } }
    }

    public func advance(milliseconds: Int) {
        time.withLock { $0 += Double(milliseconds) / 1000 }
    }
}
