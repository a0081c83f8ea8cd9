/// What a JSON text may hold.
package struct JSONOptions: Sendable {
    /// How deeply arrays and objects may be nested.
    package var maxDepth: Int
    /// Whether `\u0000` is refused. PostgreSQL cannot store it.
    package var refusesNUL: Bool
    /// Whether half a surrogate pair and bytes that are not UTF-8 are refused; else they become U+FFFD.
    package var refusesBadText: Bool
    /// Whether a key that comes twice is refused; else its last value holds.
    package var refusesDuplicateKeys: Bool

    package init(
        maxDepth: Int = 64,
        refusesNUL: Bool = false,
        refusesBadText: Bool = true,
        refusesDuplicateKeys: Bool = false
    ) {
        self.maxDepth = maxDepth
        self.refusesNUL = refusesNUL
        self.refusesBadText = refusesBadText
        self.refusesDuplicateKeys = refusesDuplicateKeys
    }

    /// For what clients send: everything must be storable and mean the same to everyone.
    package static let client = JSONOptions(refusesNUL: true)
    /// For what providers send: odd text must not cost the answer.
    package static let provider = JSONOptions(refusesBadText: false)
}
