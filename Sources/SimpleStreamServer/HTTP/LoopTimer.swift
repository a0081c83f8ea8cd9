import NIOCore

/// One timer of one connection, on its event loop, that is cheap to move.
///
/// A deadline that moves later costs nothing until the old one fires; so one that moves with every read is fine.
final class LoopTimer {
    private let eventLoop: any EventLoop
    private let onDeadline: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: (task: Scheduled<Void>, at: NIODeadline)?

    /// Must be made, used and released on the event loop.
    ///
    /// `onDeadline` should hold its owner weakly.
    init(eventLoop: any EventLoop, onDeadline: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.onDeadline = onDeadline
    }

    /// Moves the deadline.
    func arm(at deadline: NIODeadline) {
        self.deadline = deadline
        if let scheduled {
            guard deadline < scheduled.at else { return }
            scheduled.task.cancel()
        }
        schedule(at: deadline)
    }

    /// Moves the deadline to some time from now.
    func arm(in amount: TimeAmount) { arm(at: eventLoop.now + amount) }

    /// Forgets the deadline; what is scheduled will find nothing to do.
    func disarm() { deadline = nil }

    /// Forgets everything, so that nothing holds the owner any more.
    func cancel() {
        deadline = nil
        scheduled?.task.cancel()
        scheduled = nil
    }

    private func schedule(at time: NIODeadline) {
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in
            guard let self else { return }
            scheduled = nil
            fired()
        }
        scheduled = (task, time)
    }

    private func fired() {
        guard let deadline else { return }
        if eventLoop.now < deadline {
            schedule(at: deadline)
        } else {
            self.deadline = nil
            onDeadline()
        }
    }
}
