/// Carries a value that its maker has given away through an interface that does not say `sending`.
///
/// `withTaskCancellationHandler` returns its result without `sending`.
struct Transferred<Value>: @unchecked Sendable {
    // Invariant: the value came in as `sending`, so that nobody else holds it, and is taken out once.
    private let value: Value

    init(_ value: sending Value) { self.value = value }

    func take() -> sending Value {
        // The compiler cannot see the invariant above.
        nonisolated(unsafe) let value = value
        return unsafe value
    }
}
