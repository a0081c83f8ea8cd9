extension InMemoryStore {
    // MARK: Quotas

    public func quotaUse(_ quotas: [Quota]) async throws(ChatError) -> [QuotaUse] {
        let now = self.now
        return try transaction { state throws(ChatError) in quotas.map { state.quotas.use(of: $0, at: now) } }
    }

    public func reserve(_ charges: [QuotaCharge], for messageID: String) async throws(ChatError) -> QuotaUse? {
        let now = self.now
        return try transaction { state throws(ChatError) in
            state.quotas.reserve(charges, for: messageID, at: now)
        }
    }

    public func settle(_ messageID: String, _ spending: QuotaSpending) async throws(ChatError) {
        try transaction { state throws(ChatError) in state.quotas.settle(messageID, spending) }
    }

    public func spend(_ charges: [QuotaCharge]) async throws(ChatError) {
        let now = self.now
        try transaction { state throws(ChatError) in state.quotas.spend(charges, at: now) }
    }

    // MARK: Vault

    public func sealedKeys(after last: StoredKey?, limit: Int) async throws(ChatError) -> [StoredKey] {
        try transaction { state throws(ChatError) in
            let sorted = state.keys.values.sorted { ($0.userID, $0.provider) < ($1.userID, $1.provider) }
            let rest = sorted.filter { key in
                guard let last else { return true }
                return (key.userID, key.provider) > (last.userID, last.provider)
            }
            return Array(rest.prefix(max(limit, 0)))
        }
    }

    public func resealKey(_ key: StoredKey, as box: SealedBox, fingerprint: String?) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            let name = InMemoryState.UserScoped(userID: key.userID, name: key.provider)
            guard state.keys[name]?.box == key.box else { return false }
            state.keys[name]?.box = box
            state.keys[name]?.fingerprint = fingerprint
            return true
        }
    }

    public func canary(orSave box: SealedBox?) async throws(ChatError) -> SealedBox? {
        try transaction { state throws(ChatError) in
            let canary = state.canary ?? box
            state.canary = canary
            return canary
        }
    }

    public func replaceCanary(_ old: SealedBox, with box: SealedBox) async throws(ChatError) -> Bool {
        try transaction { state throws(ChatError) in
            guard state.canary == old else { return false }
            state.canary = box
            return true
        }
    }
}

extension KeyUse {
    var stored: KeyUse {
        var use = self
        use.usedAt = usedAt.asStored
        return use
    }
}
