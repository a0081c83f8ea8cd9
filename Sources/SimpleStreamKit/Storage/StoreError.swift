/// The errors every store words alike.
package enum StoreError {
    /// An id that was to be new is taken.
    ///
    /// Ids are ours, so this is a bug, not the client's fault.
    package static func taken(_ what: String, file: String = #fileID, line: Int = #line) -> ChatError {
        ChatError(
            .internal, "Something went wrong.", detail: "the id of a new \(what) is taken", file: file, line: line)
    }

    /// A run was to end as `streaming`.
    package static func endlessRun(file: String = #fileID, line: Int = #line) -> ChatError {
        ChatError(
            .internal, "Something went wrong.", detail: "a run cannot end with status streaming", file: file, line: line
        )
    }

    package static func notFound(_ what: String, file: String = #fileID, line: Int = #line) -> ChatError {
        ChatError(.notFound, "There is no such \(what).", file: file, line: line)
    }

    package static func tooLarge(limit: Int, file: String = #fileID, line: Int = #line) -> ChatError {
        ChatError(.payloadTooLarge, "The file is larger than \(limit) bytes.", file: file, line: line)
    }

    /// A user's files would come to more than they may store.
    package static func full(limit: Int, file: String = #fileID, line: Int = #line) -> ChatError {
        let most = limit < 1 << 20 ? "\(limit) bytes" : "\(limit >> 20) MiB"
        return ChatError(
            .payloadTooLarge,
            "With this file you would store more than \(most), which is what you may. Delete conversations that hold files, or files that were not sent.",
            file: file, line: line)
    }

    /// Refuses documents over 64 KiB.
    package static func check(document: String) throws(ChatError) {
        guard document.utf8.count <= 65_536 else {
            throw ChatError(.payloadTooLarge, "A settings document may have at most 65536 bytes.")
        }
    }
}
