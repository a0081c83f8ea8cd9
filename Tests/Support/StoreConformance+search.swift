import SimpleStreamKit

extension StoreConformance {
    static let searchChecks: [Check] = [
        Check("search finds words in titles, prompts and answers") { bench in
            let begun = try await bench.turn(
                title: "Crème brûlée", prompt: "What is a QUICK brown fox?", answer: "ΣΊΣΥΦΟΣ, Straße; naïve Łódź.")
            let id = begun.conversation.id
            let found = [
                "creme", "CRÈME", "bru", "cre\u{301}me", "quick", "fox brown", "brown-fox", "fo", "  fox  ",
                "σίσυφος", "σισυφοσ", "straß", "NAIVE", "lodz", "łódź", "what is a", "\u{2003}fox", "fox?",
            ]
            for query in found { try requireEqual(await search(bench, query), [id], query) }
            let missing = [
                "creme fox", "rown", "brown quick-fox", "quick fo brow", "foxes", "b r", "is-what", "zzz", "!!!", "%",
                "_", "qu_ck",
            ]
            for query in missing { try requireEqual(await search(bench, query), [], query) }
            for query in ["", "   ", "\n\t"] { try requireEqual(await search(bench, query), [id], query) }
        },
        Check("search finds scripts without spaces") { bench in
            let japanese = try await bench.turn(title: "東京タワーの高さ", prompt: "x", answer: "333メートル").conversation.id
            let thai = try await bench.turn(title: "ภาษาไทย", prompt: "x", answer: "y").conversation.id
            let hindi = try await bench.turn(title: "हिन्दी भाषा", prompt: "x", answer: "y").conversation.id
            let russian = try await bench.turn(title: "Привет, мир", prompt: "x", answer: "y").conversation.id
            for query in ["東京", "京タワ", "高さ", "タワー 東京", "333", "メート"] {
                try requireEqual(await search(bench, query), [japanese], query)
            }
            try requireEqual(await search(bench, "京東"), [])
            try requireEqual(await search(bench, "ไทย"), [thai])
            try requireEqual(await search(bench, "हिन्"), [hindi])
            try requireEqual(await search(bench, "прив мир"), [], "only the last word may be unfinished")
            try requireEqual(await search(bench, "МИР прив"), [russian])
        },
        Check("a query is never a language") { bench in
            let id = try await bench.turn(title: "plain", prompt: "near or not and text", answer: "a\"b").conversation
                .id
            let harmless = [
                "plain\"", "\"plain", "plain*", "*", "^plain", "plain)", "(plain", "{text}:plain", "-plain", "+plain",
                "'; DROP TABLE messages; --", "a\"b", "\"\"", "\\", "owner:u", "text : plain", "\u{0}", "plain\u{0}",
                "NEAR(plain, 2)", "plain OR", "AND", "NOT plain", String(repeating: "\"(", count: 3_000),
                String(repeating: "plain ", count: 5_000), "%s%n", "$1", ":x", "?1", "@a", "🦀", "\u{FEFF}", "\u{301}",
            ]
            for query in harmless { _ = try await search(bench, query) }
            try requireEqual(await search(bench, "near or not and text"), [id])
            try requireEqual(await search(bench, "plain*"), [id])
            try requireEqual(await search(bench, "NOT zebra"), [])
            try requireEqual(await search(bench, "zebra OR plain"), [])
            try requireEqual(await search(bench, "conversation_id"), [])
        },
        Check("search keeps to the user") { bench in
            _ = try await bench.turn(title: "needle", user: bench.stranger)
            let mine = try await bench.turn(title: "needle").conversation.id
            try requireEqual(await search(bench, "needle"), [mine])
            try requireEqual(await search(bench, bench.user), [])
        },
        Check("search follows changes") { bench in
            let begun = try await bench.begin(bench.start(.newConversation(title: "first"), text: "prompt"))
            let id = begun.conversation.id
            try requireEqual(await search(bench, "prompt"), [id])
            let progress = RunCheckpoint.Progress(
                content: "halfway", thinkingText: "secretly", thinkingDuration: nil, materializedSeq: 1)
            _ = try await bench.store.checkpoint([.init(fence: begun.fence, lease: .seconds(9), progress: progress)])
            try requireEqual(await search(bench, "halfway"), [])
            try require(await bench.finish(begun, text: "finished", status: .cancelled))
            try requireEqual(await search(bench, "finished"), [id])
            try requireEqual(await search(bench, "secretly"), [])
            _ = try await bench.store.updateConversation(id, of: bench.user, title: "second", activeLeafID: nil)
            try requireEqual(await search(bench, "first"), [])
            try requireEqual(await search(bench, "second"), [id])
        },
        Check("what is found comes in pages, newest first") { bench in
            var ids: [String] = []
            for index in 0..<9 {
                bench.clock.advance(milliseconds: 1)
                let begun = try await bench.turn(title: index % 3 == 0 ? "hay" : "needle")
                if index % 3 != 0 { ids.insert(begun.conversation.id, at: 0) }
            }
            var found: [String] = []
            var cursor: String?
            repeat {
                let page = try await bench.store.conversations(
                    of: bench.user, matching: "needle", after: cursor, limit: 2)
                found += page.items.map(\.id)
                cursor = page.nextCursor
            } while cursor != nil
            try requireEqual(found, ids)
        },
    ]

    private static func search(_ bench: StoreBench, _ query: String) async throws -> [String] {
        try await bench.store.conversations(of: bench.user, matching: query, after: nil, limit: 200).items.map(\.id)
    }

    private static func requireEqual(
        _ found: [String], _ expected: [String], _ query: String = "", line: Int = #line
    ) throws {
        try require(found == expected, "\(query.debugDescription.prefix(60)) found \(found)", line: line)
    }
}
