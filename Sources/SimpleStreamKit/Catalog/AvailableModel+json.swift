extension AvailableModel {
    /// As the protocol shows it.
    package var json: JSONValue {
        var value: JSONValue = ["id": .string(model.id), "provider": .string(model.provider)]
        value["displayName"] = .string(model.displayName)
        value["contextWindow"] = model.contextWindow.map(JSONValue.integer) ?? .null
        value["maxOutput"] = model.maxOutput.map(JSONValue.integer) ?? .null
        value["modalities"] = [
            "input": .array(model.inputModalities.map(JSONValue.string)),
            "output": .array(model.outputModalities.map(JSONValue.string)),
        ]
        value["reasoning"] = model.reasoningLevels.map { .array($0.map(JSONValue.string)) } ?? .null
        value["available"] = .bool(isAvailable)
        value["keySource"] = .string(keySource.rawValue)
        value["sampling"] = model.sampling.map { .string($0.rawValue) } ?? .null
        value["verbosity"] = .bool(model.takesVerbosity)
        value["tools"] = model.supportsTools.map(JSONValue.bool) ?? .null
        value["webSearch"] = model.supportsWebSearch.map(JSONValue.bool) ?? .null
        value["price"] = model.price.map(\.json) ?? .null
        value["deprecated"] = .bool(model.isDeprecated)
        value["shutdown"] = model.shutdown.map(JSONValue.string)
        value["note"] = model.note.map(JSONValue.string)
        return value
    }
}

extension Model.Price {
    /// In micro-USD per million tokens; where and when it was read.
    fileprivate var json: JSONValue {
        var value: JSONValue = ["input": .integer(input), "output": .integer(output), "source": .string(source)]
        value["cachedInput"] = cachedInput.map(JSONValue.integer)
        value["cacheWrite"] = cacheWrite.map(JSONValue.integer)
        value["longPrompt"] = longPrompt.map { long in
            var value: JSONValue = [
                "above": .integer(long.threshold), "input": .integer(long.input), "output": .integer(long.output),
            ]
            value["cachedInput"] = long.cachedInput.map(JSONValue.integer)
            value["cacheWrite"] = long.cacheWrite.map(JSONValue.integer)
            return value
        }
        return value
    }
}
