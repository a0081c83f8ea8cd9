/// Texts as C takes a list of them: pointers, and a null pointer at the end.
struct CStrings {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    init(_ texts: [String]) {
        for text in texts {
            offsets.append(bytes.count)
            bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
    }

    /// Calls `body` with pointers that are good until it returns.
    @unsafe func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> R) rethrows -> R {
        try unsafe bytes.withUnsafeBufferPointer { bytes in
            var pointers = unsafe offsets.map { offset in unsafe bytes.baseAddress.map { unsafe $0 + offset } }
            unsafe pointers.append(nil)
            return try unsafe pointers.withUnsafeBufferPointer { try unsafe body($0.baseAddress) }
        }
    }
}
