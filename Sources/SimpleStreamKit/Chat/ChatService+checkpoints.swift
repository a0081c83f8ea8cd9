import Logging
import Synchronization

extension ChatService {
    /// Saves running answers again and again, looks after silent providers, and keeps the journal short.
    func saveRepeatedly() async {
        while !Task.isCancelled {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: configuration.checkpointInterval)
            let runs = live.withLock { Array($0.runs.values) }
            stopSilent(runs)
            await saveAll(runs)
        }
    }

    private func saveAll(_ runs: [ActiveRun]) async {
        guard let journal else {
            _ = await save(runs, force: false)
            return
        }
        do throws(ChatError) {
            try await journal.sync()
        } catch {
            logger.warning("Journal cannot be synced", metadata: ["error": "\(error.message)"])
        }
        // A new file is begun before the answers are read, so that what older files say is in what is saved.
        let isLong = runs.isEmpty || journal.length > 8 << 20
        let older = isLong ? journal.rotate() : []
        let isSaved = await save(runs, force: isLong)
        if isLong && isSaved && !older.isEmpty { journal.remove(older) }
    }

    /// Saves what is due, or with `force` all, in one transaction. False when the store is out of reach.
    func save(_ runs: [ActiveRun], force: Bool) async -> Bool {
        let start = ContinuousClock.now
        var checkpoints: [RunCheckpoint] = []
        var saved: [(run: ActiveRun, seq: Int)] = []
        for run in runs {
            guard let (checkpoint, seq) = run.checkpoint(lease: configuration.lease, at: start, force: force) else {
                continue
            }
            checkpoints.append(checkpoint)
            saved.append((run, seq))
        }
        guard !checkpoints.isEmpty else { return true }
        do throws(ChatError) {
            let result = try await store.checkpoint(checkpoints)
            for (run, seq) in saved {
                let id = run.identity.messageID
                if result.lost.contains(id) {
                    run.stop(.lost)
                } else {
                    run.saved(upTo: seq, at: start)
                    if result.stopRequested.contains(id) { run.stop(.user) }
                }
            }
            return true
        } catch {
            logger.warning("Checkpoint failed", metadata: ["error": "\(error.message)"])
            return false
        }
    }

    private func stopSilent(_ runs: [ActiveRun]) {
        let now = ContinuousClock.now
        for run in runs {
            let factor = configuration.slowProviders.contains(run.identity.provider) ? 2 : 1
            let isSilent = run.live.withLock { live in
                let limit = live.state.hasBegun ? configuration.idleTimeout : configuration.firstEventTimeout
                return live.lastActivity + limit * factor <= now
            }
            if isSilent { run.stop(.stalled) }
        }
    }
}
