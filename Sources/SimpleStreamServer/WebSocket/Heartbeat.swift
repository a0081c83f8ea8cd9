package import NIOCore

/// Decides when a quiet connection is greeted and when it is given up.
///
/// A beat is due after every interval. A peer from which nothing was heard for two intervals is gone. A value: time
/// comes in as an argument.
package struct Heartbeat: Sendable {
    /// What a tick asks for.
    package enum Action: Sendable, Equatable {
        case nothing
        /// Send the peer a sign of life.
        case beat
        /// Close: the peer has been silent for too long.
        case giveUp
    }

    /// The time between two beats.
    package let interval: TimeAmount
    private var heard: NIODeadline
    private var beaten: NIODeadline

    package init(every interval: TimeAmount, startingAt now: NIODeadline) {
        self.interval = interval
        self.heard = now
        self.beaten = now
    }

    /// When to call ``tick(at:)`` next.
    package var nextTick: NIODeadline { min(beaten + interval, heard + interval * 2) }

    /// The peer sent something.
    package mutating func heard(at now: NIODeadline) { heard = now }

    /// Time has passed.
    package mutating func tick(at now: NIODeadline) -> Action {
        guard now < heard + interval * 2 else { return .giveUp }
        guard now >= beaten + interval else { return .nothing }
        beaten = now
        return .beat
    }
}
