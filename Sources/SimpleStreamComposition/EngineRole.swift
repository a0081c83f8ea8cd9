/// Who runs the engine.
package enum EngineRole: Sendable {
    /// The one server of a data directory: keeps the journal and ends what an earlier server left behind.
    case server
    /// A program that comes and goes, also while the server runs.
    case tool
}
