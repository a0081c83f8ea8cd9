/// What a provider sent that nobody knows: how much of it, and of which kinds.
struct SkippedEvents: Sendable, Hashable {
    /// More kinds are counted together.
    private static let maxKinds = 16

    private(set) var count = 0
    private(set) var kinds: [String: Int] = [:]

    /// Counts one.
    mutating func note(_ kind: String) {
        count += 1
        let isRoom = kinds.count < Self.maxKinds || kinds[kind] != nil
        kinds[isRoom ? kind : "others", default: 0] += 1
    }
}
