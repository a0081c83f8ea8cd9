import Testing

@testable import SimpleStreamKit

@Suite struct ModelCatalogTests {
    let catalog = ModelCatalog.standard

    @Test func everyLineOfTheTableIsRead() {
        let (sections, unread) = CatalogTable.parse(CatalogTable.text)
        let rows = CatalogTable.text.split(separator: "\n").filter { $0.contains("|") }
        #expect(unread == 0)
        #expect(sections.flatMap(\.models).count == rows.count)
        #expect(catalog.providers == ["openai", "anthropic", "gemini", "xai", "meta", "vercel"])
    }

    @Test func idsAndNamesAreUnique() {
        for provider in catalog.providers {
            let models = catalog.models(of: provider)
            #expect(Set(models.map(\.id)).count == models.count)
            #expect(Set(models.map { $0.displayName.lowercased() }).count == models.count)
        }
    }

    @Test func aRowHasItsFacts() throws {
        let model = try #require(catalog.known("gpt-5.6", of: "openai"))
        #expect(model.displayName == "GPT-5.6")
        #expect(model.contextWindow == 922_000)
        #expect(model.maxOutput == 128_000)
        #expect(model.inputModalities == ["text", "image", "pdf"])
        #expect(model.reasoningLevels == ["none", "low", "medium", "high", "xhigh"])
        #expect(model.reasoning?.control == .effort)
        #expect(model.sampling == .idle)
        #expect(model.supportsTools == true)
        #expect(model.supportsWebSearch == true)
        #expect(model.price?.input == 4_000_000)
        #expect(model.price?.cachedInput == 400_000)
        #expect(model.price?.cacheWrite == 5_000_000)
        #expect(model.price?.output == 20_000_000)
        #expect(model.price?.longPrompt?.threshold == 272_000)
        #expect(model.price?.source.contains("2026-11") == true)
        #expect(!model.isDeprecated)

        let announced = try #require(catalog.known("gpt-5", of: "openai"))
        #expect(announced.isDeprecated && !announced.isRetired && announced.shutdown == "2026-12-11")
        let gone = try #require(catalog.known("gpt-4", of: "openai"))
        #expect(gone.isDeprecated && gone.isRetired)
        #expect(catalog.known("claude-haiku-4-5", of: "anthropic")?.reasoning?.budget?.lowerBound == 1024)
        #expect(catalog.known("gemini-2.5-pro", of: "gemini")?.reasoning?.budget == 128...32768)
        #expect(catalog.known("gpt-5.4", of: "openai")?.reasoning?.defaultLevel == "none")
    }

    @Test func everyPriceSaysWhereItIsFrom() {
        for model in catalog.models {
            guard let price = model.price else { continue }
            #expect(price.source.contains("20"), "\(model.id)")
            #expect(price.input > 0 && price.output > 0, "\(model.id)")
        }
    }

    @Test func namesAndIdsMapBothWays() {
        for model in catalog.models {
            #expect(catalog.displayName(of: model.id, provider: model.provider) == model.displayName)
            #expect(catalog.id(named: model.displayName, provider: model.provider) == model.id)
            #expect(catalog.id(named: model.displayName.uppercased(), provider: model.provider) == model.id)
        }
    }

    @Test func unknownIdsPassUntouched() {
        #expect(catalog.displayName(of: "gpt-99", provider: "openai") == "gpt-99")
        #expect(catalog.id(named: "My Model:7b", provider: "local") == "My Model:7b")
        #expect(catalog.known("gpt-99", of: "openai") == nil)
        let model = catalog.model("x/y:z", of: "acme")
        #expect(model.id == "x/y:z" && model.contextWindow == nil && model.price == nil)
        #expect(model.cost(of: TokenUsage(inputTokens: 1, outputTokens: 1)) == nil)
    }

    @Test func datedVersionsHaveTheirFamilysFacts() throws {
        let dated = try #require(catalog.known("claude-sonnet-4-5-20250929", of: "anthropic"))
        #expect(dated.id == "claude-sonnet-4-5-20250929")
        #expect(dated.price == catalog.known("claude-sonnet-4-5", of: "anthropic")?.price)
        #expect(catalog.known("gpt-4o-2024-08-06", of: "openai")?.price?.input == 2_500_000)
        #expect(catalog.known("grok-4.5-latest", of: "xai")?.contextWindow == 500_000)
        #expect(catalog.known("gemini-2.5-flash-001", of: "gemini") != nil)
        #expect(catalog.known("gemini-2.5-flash-preview-09-2025", of: "gemini") != nil)
        // A dated version with a row of its own keeps it.
        #expect(catalog.known("gpt-4o-2024-05-13", of: "openai")?.price?.input == 5_000_000)
        #expect(catalog.known("gpt-4o-mini-2024", of: "openai") == nil)
        #expect(catalog.known("-20250929", of: "anthropic") == nil)
    }

    @Test func gatewayIdsHaveTheCreatorsFactsButNoPrice() throws {
        let routed = try #require(catalog.known("google/gemini-2.5-pro", of: "vercel"))
        #expect(routed.id == "google/gemini-2.5-pro" && routed.provider == "vercel")
        #expect(routed.contextWindow == 1_048_576 && routed.price == nil)
        let tabled = try #require(catalog.known("anthropic/claude-haiku-4.5", of: "vercel"))
        #expect(tabled.reasoning?.control == .budget && tabled.price?.input == 1_000_000)
        #expect(catalog.known("openai/gpt-4.1-nano", of: "vercel")?.isRetired == false)
        #expect(catalog.known("nobody/model", of: "vercel") == nil)
    }

    @Test func defaultsExistAndAnswer() throws {
        for provider in catalog.providers {
            for id in [catalog.defaultModel(of: provider), catalog.titleModel(of: provider)] {
                let model = try #require(id.flatMap { catalog.known($0, of: provider) })
                #expect(!model.isRetired)
            }
        }
        #expect(catalog.defaultModel(of: "local") == nil)
    }

    @Test func liveListsAreMerged() throws {
        let live = [
            Model(id: "text-embedding-3-large", provider: "openai"),
            Model(id: "gpt-9", provider: "openai"),
            Model(id: "gpt-4o", provider: "openai", contextWindow: 1),
            Model(id: "gpt-5.6-2026-07-01", provider: "openai"),
            Model(id: "gpt-4", provider: "openai"),
            Model(id: "gpt-9", provider: "openai"),
        ]
        let merged = catalog.merging(live: live, of: "openai")
        #expect(merged.map(\.id) == ["gpt-5.6", "gpt-4o", "gpt-4", "gpt-9", "gpt-5.6-2026-07-01"])
        #expect(merged[1].contextWindow == 1 && merged[1].displayName == "GPT-4o")
        #expect(!merged[2].isRetired && !merged[2].isDeprecated)
        #expect(merged[3].displayName == "gpt-9" && merged[3].price == nil)
        #expect(merged[4].price?.input == 4_000_000)
    }

    @Test func anEmptyListLeavesTheTable() {
        let models = catalog.merging(live: [], of: "anthropic")
        #expect(models.contains { $0.id == "claude-sonnet-5-5" })
        #expect(!models.contains { $0.isRetired })
        #expect(catalog.merging(live: [Model(id: "m", provider: "acme")], of: "acme").map(\.id) == ["m"])
    }

    @Test(
        arguments: [
            ("gpt-5", "none", "minimal"), ("gpt-5", "max", "high"), ("gpt-5.6", "minimal", "low"),
            ("gpt-5.6", "none", "none"), ("gpt-5-pro", "low", "high"), ("gpt-4o", "high", nil),
            ("gpt-99", "high", "high"),
            ("gpt-5", "wild", nil),
        ] as [(String, String, String?)])
    func theNearestLevelIsTaken(id: String, asked: String, taken: String?) {
        #expect(catalog.model(id, of: "openai").reasoningLevel(nearestTo: asked) == taken)
    }

    @Test func budgetsStayInTheModelsRange() {
        let pro = catalog.model("gemini-2.5-pro", of: "gemini")
        #expect(pro.reasoningBudget(for: "none") == 128)
        #expect(pro.reasoningBudget(for: "max") == 32768)
        let flash = catalog.model("gemini-2.5-flash", of: "gemini")
        #expect(flash.reasoningBudget(for: "none") == 0)
        #expect(flash.reasoningBudget(for: "max") == 24576)
        #expect(flash.reasoningBudget(for: "wild") == nil)
        #expect(catalog.model("gpt-5", of: "openai").reasoningBudget(for: "low") == nil)
    }
}

@Suite struct CatalogTableTests {
    @Test(
        arguments: [
            ("1.25", 1_250_000), ("0.002", 2_000), ("30", 30_000_000), ("0.000001", 1), ("-", nil), ("", nil),
            ("1.", nil),
            (".5", nil), ("1.2.3", nil), ("0.0000001", nil), ("-1", nil), ("99999999999999999999", nil), ("١", nil),
        ] as [(String, Int?)])
    func dollarsBecomeMillionthsExactly(text: String, expected: Int?) {
        #expect(CatalogTable.microUSD(text[...]) == expected)
    }

    @Test(arguments: [
        "a | b", "@ p\n | x | 1 1 | t>t | no | any | yy", "@ p\na | A | 1 | t>t | no | any | yy",
        "@ p\na | A | 1 1 | t>t | effort low..wild | any | yy", "@ p\na | A | 1 1 | t>t | budget low 9-1 | any | yy",
        "@ p\na | A | 1 1 | t>t | no | any | yy\n    $ 1 2 3", "@ p\n    default", "    note x", "@ p\n    $ 1 1 1 1",
    ])
    func linesThatCannotBeReadAreCounted(table: String) {
        #expect(CatalogTable.parse(table).unread == 1)
    }

    @Test func anyCutOfTheTableIsRead() {
        let bytes = Array(CatalogTable.text.utf8)
        for end in stride(from: 0, to: bytes.count, by: 97) {
            let (sections, unread) = CatalogTable.parse(String(decoding: bytes[..<end], as: UTF8.self))
            #expect(sections.count <= 6 && unread <= 1)
        }
    }
}
