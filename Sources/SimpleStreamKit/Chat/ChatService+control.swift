import Synchronization

extension ChatService {
    /// Where nodes call each other.
    static let controlChannel = "ctl"

    /// Lets the node that has one of these runs look at once at what the store says of it: that it is to stop, that its
    /// conversation is gone; and save what it has. A node that does not hear it looks within a second.
    func tellOwners(of messageIDs: [String]) {
        guard !messageIDs.isEmpty else { return }
        pubSub.publish([Notice.look(at: messageIDs)], to: Self.controlChannel)
    }

    /// Hears what ``tellOwners(of:)`` says. It is taken for no more than a reason to look: the store is what counts.
    func listenToOtherNodes() -> Subscription {
        pubSub.subscribe(to: Self.controlChannel) { [weak self] frames in
            for frame in frames { self?.heard(frame) }
        }
    }

    private func heard(_ frame: Frame) {
        let runs = live.withLock { live in
            guard !live.runs.isEmpty else { return [ActiveRun]() }
            var runs: [ActiveRun] = []
            var ids = JSONView(frame.json)["runs"]?.elements
            while let id = try? ids?.next() {  // Malformed: nothing to look at.
                if let run = id.string.flatMap({ live.runs[$0] }) { runs.append(run) }
            }
            return runs
        }
        if !runs.isEmpty { enqueue.yield(.look(runs)) }
    }
}
