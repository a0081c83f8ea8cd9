import Logging
import Synchronization

extension ChatService {
    /// Saves running answers again and again, looks after silent providers, and keeps the journal short.
    func saveRepeatedly() async {
        while !Task.isCancelled {
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: configuration.checkpointInterval)
            stopSilent(activeRuns)
            await saveAll()
        }
    }

    var activeRuns: [ActiveRun] { live.withLock { Array($0.runs.values) } }

    private func saveAll() async {
        guard let journal else {
            _ = await save(activeRuns, force: false)
            return
        }
        do throws(ChatError) {
            try await journal.sync()
        } catch {
            logger.warning("Journal cannot be synced", metadata: ["error": "\(error.message)"])
        }
        // A new file is begun before the runs are listed and read, so that what older files say is in what is saved.
        let isLong = journal.length > 8 << 20 || live.withLock { $0.runs.isEmpty }
        let older = isLong ? journal.rotate() : []
        let isSaved = await save(activeRuns, force: isLong)
        let mayRemove = isLong && isSaved && !live.withLock { $0.needsJournal }
        if mayRemove, !older.isEmpty { journal.remove(older) }
    }

    /// Saves what is due, or with `force` all, in one transaction. False when the store is out of reach.
    func save(_ runs: [ActiveRun], force: Bool) async -> Bool {
        await saving.take()
        defer { saving.give() }
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
            let patience = configuration.patience(with: run.identity.provider)
            let isSilent = run.live.withLock { live in
                live.lastActivity + (live.state.hasBegun ? patience.idle : patience.firstEvent) <= now
            }
            if isSilent { run.stop(.stalled) }
        }
    }
}
