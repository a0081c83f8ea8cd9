import NIOCore
import Synchronization

/// Learns the type of a file whose bytes pass by.
final class Sniffer: Sendable {
    private struct State {
        var prefix: [UInt8] = []
        var validator = UTF8Validator()
        var isText = true
        var isEmpty = true
    }

    private let state = Mutex(State())

    /// What it was; nil for none of the types that are taken. To be asked at the end.
    var type: SniffedType? {
        state.withLock { state in
            if let type = SniffedType(prefix: state.prefix) { return type }
            return state.isText && !state.isEmpty && state.validator.isComplete ? .text : nil
        }
    }

    /// Looks at the next bytes and hands them on.
    func saw(_ buffer: ByteBuffer) -> [UInt8] {
        let bytes = Array(buffer.readableBytesView)
        state.withLock { state in
            state.isEmpty = state.isEmpty && bytes.isEmpty
            if state.prefix.count < SniffedType.prefixLength {
                state.prefix += bytes.prefix(SniffedType.prefixLength - state.prefix.count)
            }
            if state.isText { state.isText = !bytes.contains(0) && state.validator.consume(bytes) }
        }
        return bytes
    }
}
