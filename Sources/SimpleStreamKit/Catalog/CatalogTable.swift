/// The table behind ``ModelCatalog``, as text so that it can be read and edited as a table.
///
/// A line that starts with `@` names a provider; the indented lines under it hold for all its models:
///
/// - `default`, `titles`: the models taken when none was chosen, and for titles.
/// - `snapshots`: endings, `#` for a digit, that name a dated version with the facts and prices of the id without it.
/// - `creators`: ids are `creator/model`, with the facts, not the prices, of that provider's model.
/// - `other`: ids, `*` for anything, that a live list may hold but that cannot chat.
/// - `priced`: where and when the prices were read.
///
/// A model is one line of seven columns, `?` where nothing is known:
///
/// 1. id
/// 2. display name
/// 3. most tokens it reads, most it writes
/// 4. what it takes `>` gives: t(ext) i(mage) p(df) a(udio) v(ideo)
/// 5. how its reasoning is asked for (``Model/Reasoning-swift.struct/Control``), the levels, the budget; `no` for none
/// 6. temperature and top p (``Model/Sampling``)
/// 7. calls tools and searches the web, `y` or `n`
///
/// and under it, where known: `$` dollars per million tokens for input, cached input, cache write and output, and after
/// `above N` those of a prompt longer than N tokens; `until` or `gone` with the day its provider stops it; `note`.
enum CatalogTable {
    static let text = """
        @ openai
            default gpt-6.1-terra
            titles gpt-6-luna
            snapshots -####-##-##
            other text-embedding* whisper* tts-* dall-e* gpt-image* chatgpt-image* sora* omni-moderation* text-moderation*
            other babbage* davinci* gpt-realtime* gpt-audio* gpt-live* *-realtime* *-transcribe* *-tts* *-audio* *-instruct*
            other computer-use* codex-mini*
            priced litellm 1.109.1 model map, read 2026-11-23
        gpt-6.1-sol | GPT-6.1 Sol | 922000 128000 | tip>t | effort low..max | no | yy
            $ 2 0.1 2.5 10 above 272000 4 0.2 5 15
        gpt-6.1-terra | GPT-6.1 Terra | 922000 128000 | tip>t | effort none,low..max | idle | yy
            $ 1 0.05 1.25 5 above 272000 2 0.1 2.5 7.5
        gpt-6-astra | GPT-6 Astra | 922000 128000 | tip>t | effort low..max | no | yy
            $ 10 1 12.5 50 above 272000 20 2 25 75
        gpt-6-sol | GPT-6 Sol | 922000 128000 | tip>t | effort none,low..max | idle | yy
            $ 2 0.2 2.5 10 above 272000 4 0.4 5 15
        gpt-6-luna | GPT-6 Luna | 922000 128000 | tip>t | effort none,low..max | idle | yy
            $ 0.1 0.01 0.125 0.5 above 272000 0.2 0.02 0.25 0.75
        gpt-5.6 | GPT-5.6 | 922000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 4 0.4 5 20 above 272000 8 0.8 10 30
        gpt-5.6-sol | GPT-5.6 Sol | 922000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 4 0.4 5 20 above 272000 8 0.8 10 30
        gpt-5.6-terra | GPT-5.6 Terra | 922000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 2 0.2 2.5 12 above 272000 4 0.4 5 18
        gpt-5.6-luna | GPT-5.6 Luna | 922000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 0.2 0.02 0.25 1.2 above 272000 0.4 0.04 0.5 1.8
        gpt-5.5 | GPT-5.5 | 1050000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 5 0.5 - 30 above 272000 10 1 - 45
        gpt-5.5-pro | GPT-5.5 Pro | 1050000 128000 | tip>t | effort medium..xhigh | no | yy
            $ 30 - - 180 above 272000 60 - - 270
            note Responses only
        gpt-5.4 | GPT-5.4 | 1050000 128000 | tip>t | effort none,low..xhigh default none | idle | yn
            $ 2.5 0.25 - 15 above 272000 5 0.5 - 22.5
        gpt-5.4-mini | GPT-5.4 Mini | 272000 128000 | tip>t | effort none,low..xhigh default none | idle | yy
            $ 0.75 0.075 - 4.5
        gpt-5.4-nano | GPT-5.4 Nano | 272000 128000 | tip>t | effort none,low..xhigh default none | idle | yy
            $ 0.2 0.02 - 1.25
            until 2027-04-01
        gpt-5.3-codex | GPT-5.3 Codex | 272000 128000 | tip>t | effort none,low..xhigh | idle | yy
            $ 1.75 0.175 - 14
            until 2027-04-01
            note Responses only
        gpt-5.2 | GPT-5.2 | 272000 128000 | tip>ti | effort none,low..xhigh default none | idle | yy
            $ 1.75 0.175 - 14
        gpt-5.2-pro | GPT-5.2 Pro | 272000 128000 | tip>t | effort minimal..xhigh | no | yy
            $ 21 - - 168
            note Responses only
        gpt-5.1 | GPT-5.1 | 272000 128000 | tip>ti | effort none,low..high default none | idle | yy
            $ 1.25 0.125 - 10
            until 2027-04-01
        gpt-5 | GPT-5 | 272000 128000 | tip>t | effort minimal..high | no | yy
            $ 1.25 0.125 - 10
            until 2026-12-11
        gpt-5-mini | GPT-5 Mini | 272000 128000 | tip>t | effort minimal..high | no | yy
            $ 0.25 0.025 - 2
            until 2026-12-11
        gpt-5-nano | GPT-5 Nano | 272000 128000 | tip>t | effort minimal..high | no | yy
            $ 0.05 0.005 - 0.4
            until 2026-12-11
        gpt-5-pro | GPT-5 Pro | 400000 272000 | tip>t | effort high | no | yy
            $ 15 - - 120
            until 2026-12-11
            note Responses only; no streaming
        gpt-5-codex | GPT-5 Codex | 272000 128000 | tip>t | effort low..high | no | yy
            $ 1.25 0.125 - 10
            gone 2026-07-23
            note Responses only
        gpt-4.1 | GPT-4.1 | 1047576 32768 | tip>t | no | any | yy
            $ 2 0.5 - 8
            until 2027-01-14
        gpt-4.1-mini | GPT-4.1 Mini | 1047576 32768 | tip>t | no | any | yy
            $ 0.4 0.1 - 1.6
            until 2027-01-14
        gpt-4.1-nano | GPT-4.1 Nano | 1047576 32768 | tip>t | no | any | yn
            $ 0.1 0.025 - 0.4
            gone 2026-10-23
        gpt-4o | GPT-4o | 128000 16384 | tip>t | no | any | yn
            $ 2.5 1.25 - 10
            until 2027-01-14
        gpt-4o-2024-05-13 | GPT-4o (May 2024) | 128000 4096 | tip>t | no | any | yn
            $ 5 - - 15
            until 2027-01-14
        gpt-4o-mini | GPT-4o Mini | 128000 16384 | tip>t | no | any | yn
            $ 0.15 0.075 - 0.6
            until 2027-01-14
        o3 | o3 | 200000 100000 | tip>t | effort low..high | no | yy
            $ 2 0.5 - 8
            until 2026-12-11
        o3-pro | o3-pro | 200000 100000 | tip>t | effort low..high | no | yy
            $ 20 - - 80
            until 2026-12-11
            note Responses only
        o4-mini | o4-mini | 200000 100000 | tip>t | effort low..high | no | yy
            $ 1.1 0.275 - 4.4
            gone 2026-10-23
        o3-mini | o3-mini | 200000 100000 | t>t | effort low..high | no | yn
            $ 1.1 0.55 - 4.4
            gone 2026-10-23
        gpt-4-turbo | GPT-4 Turbo | 128000 4096 | tip>t | no | any | yn
            $ 10 - - 30
            gone 2026-10-23
        gpt-4 | GPT-4 | 8192 4096 | t>t | no | any | yn
            $ 30 - - 60
            gone 2026-10-23
        gpt-3.5-turbo | GPT-3.5 Turbo | 16385 4096 | t>t | no | any | yn
            $ 0.5 - - 1.5
            gone 2026-10-23
        gpt-3.5-turbo-16k | GPT-3.5 Turbo 16k | 16385 4096 | t>t | no | any | nn
            $ 3 - - 4
            gone 2024-09-13
        gpt-6.2-astra | GPT-6.2 Astra | ? ? | ? | ? | ? | y?
        gpt-6.2-sol | GPT-6.2 Sol | ? ? | ? | ? | ? | y?

        @ anthropic
            default claude-sonnet-5-5
            titles claude-haiku-5-5
            snapshots -########
            priced litellm 1.109.1 model map, read 2026-11-23
        claude-fable-5-1 | Claude Fable 5.1 | 1000000 128000 | tip>t | always low..max | no | yy
            $ 10 0.25 12.5 50
            note no forced tool_choice; cache from 512 tokens
        claude-mythos-5-1 | Claude Mythos 5.1 | 1000000 128000 | tip>t | always low..max | no | yy
            $ 10 0.25 12.5 50
            note no forced tool_choice; cache from 512 tokens
        claude-opus-5-5 | Claude Opus 5.5 | 1000000 128000 | tip>t | always low..max | no | yy
            $ 4 0.2 5 20
            note no forced tool_choice; speed fast; cache from 512 tokens
        claude-sonnet-5-5 | Claude Sonnet 5.5 | 1000000 128000 | tip>t | always low..max | no | yy
            $ 2 0.1 2.5 10
            note no forced tool_choice; cache from 512 tokens
        claude-haiku-5-5 | Claude Haiku 5.5 | 1000000 128000 | tip>t | adaptive none,low..max | no | yy
            $ 0.1 0.01 0.125 0.5 above 100000 0.5 0.05 0.625 2.5
            note cache from 512 tokens
        claude-fable-5 | Claude Fable 5 | 1000000 128000 | tip>t | always low..max | no | yy
            $ 10 1 12.5 50
            note cache from 512 tokens
        claude-opus-5 | Claude Opus 5 | 1000000 128000 | tip>t | adaptive none,low..max | no | yy
            $ 5 0.5 6.25 25
            note speed fast; cache from 512 tokens
        claude-sonnet-5 | Claude Sonnet 5 | 1000000 128000 | tip>t | adaptive none,low..max | no | yy
            $ 2 0.2 2.5 10
            note cache from 1024 tokens
        claude-opus-4-8 | Claude Opus 4.8 | 1000000 128000 | tip>t | adaptive none,low..max | no | yy
            $ 5 0.5 6.25 25
            note speed fast; cache from 1024 tokens
        claude-opus-4-7 | Claude Opus 4.7 | 1000000 128000 | tip>t | adaptive none,low..max | no | yy
            $ 5 0.5 6.25 25
            note cache from 2048 tokens
        claude-opus-4-6 | Claude Opus 4.6 | 1000000 128000 | tip>t | either none,low..high,max 1024- | one | yy
            $ 5 0.5 6.25 25
            note speed fast; cache from 4096 tokens
        claude-sonnet-4-6 | Claude Sonnet 4.6 | 1000000 128000 | tip>t | either none,low..high,max 1024- | one | yy
            $ 3 0.3 3.75 15
            note cache from 1024 tokens
        claude-opus-4-5 | Claude Opus 4.5 | 200000 64000 | tip>t | budget none,low..high 1024- | one | yy
            $ 5 0.5 6.25 25
            note cache from 4096 tokens
        claude-sonnet-4-5 | Claude Sonnet 4.5 | 200000 64000 | tip>t | budget none,low..high 1024- | one | yy
            $ 3 0.3 3.75 15
            until 2026-11-30
            note cache from 1024 tokens
        claude-haiku-4-5 | Claude Haiku 4.5 | 200000 64000 | tip>t | budget none,low..high 1024- | one | yy
            $ 1 0.1 1.25 5
            note cache from 4096 tokens
        claude-fable-5-2 | Claude Fable 5.2 | ? ? | ? | ? | ? | yy
        claude-mythos-5-2 | Claude Mythos 5.2 | ? ? | ? | ? | ? | yy
        claude-opus-4-1-20250805 | Claude Opus 4.1 | ? ? | ? | ? | ? | ??
            gone
        claude-opus-4-20250514 | Claude Opus 4 | ? ? | ? | ? | ? | ??
            gone
        claude-sonnet-4-20250514 | Claude Sonnet 4 | ? ? | ? | ? | ? | ??
            gone
        claude-3-7-sonnet-20250219 | Claude Sonnet 3.7 | ? ? | ? | ? | ? | ??
            gone
        claude-3-5-haiku-20241022 | Claude Haiku 3.5 | ? ? | ? | ? | ? | ??
            gone
        claude-3-5-sonnet-20241022 | Claude Sonnet 3.5 (New) | ? ? | ? | ? | ? | ??
            gone
        claude-3-5-sonnet-20240620 | Claude Sonnet 3.5 (Old) | ? ? | ? | ? | ? | ??
            gone
        claude-3-haiku-20240307 | Claude Haiku 3 | ? ? | ? | ? | ? | ??
            gone

        @ gemini
            default gemini-3.8-flash
            titles gemini-2.5-flash-lite
            snapshots -### -preview-##-####
            other *embedding* imagen* veo* lyria* aqa *-tts* *-live* *-native-audio* *-image*
            other *-transcribe* *robotics* *computer-use*
            priced litellm 1.109.1 model map, read 2026-11-23
        gemini-4-argon | Gemini 4 Argon | 1048576 1048576 | tiavp>t | level low..high | any | yy
            $ 2 0.1 - 10
        gemini-3.8-flash | Gemini 3.8 Flash | 1048576 65536 | tiavp>t | level low..high | no | yy
            $ 0.75 0.075 - 3.75
        gemini-3.7-flash | Gemini 3.7 Flash | 1048576 65536 | tiavp>t | level low..high | no | yy
            $ 0.75 0.075 - 3.75
        gemini-3.6-flash | Gemini 3.6 Flash | 1048576 65536 | tiavp>t | level low..high | no | yy
            $ 0.75 0.075 - 3.75
        gemini-3.5-flash | Gemini 3.5 Flash | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 1.5 0.15 - 9
        gemini-3.5-flash-lite | Gemini 3.5 Flash-Lite | 1048576 65536 | tiavp>t | level low..high | no | yy
            $ 0.3 0.03 - 2.5
        gemini-3.1-pro-preview | Gemini 3.1 Pro (preview) | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 2 0.2 - 12 above 200000 4 0.4 - 18
        gemini-3.1-flash-lite | Gemini 3.1 Flash-Lite | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 0.25 0.025 - 1.5
            until 2027-05-07
        gemini-3-flash-preview | Gemini 3 Flash (preview) | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 0.5 0.05 - 3
        gemini-2.5-pro | Gemini 2.5 Pro | 1048576 65536 | tiavp>t | budget low..high 128-32768 | any | yy
            $ 1.25 0.125 - 10 above 200000 2.5 0.25 - 15
        gemini-2.5-flash | Gemini 2.5 Flash | 1048576 65536 | tiavp>t | budget none,low..high 1-24576 | any | yy
            $ 0.3 0.03 - 2.5
        gemini-2.5-flash-lite | Gemini 2.5 Flash-Lite | 1048576 65536 | tiavp>t | budget none,low..high 512-24576 | any | yy
            $ 0.1 0.01 - 0.4
        gemini-flash-latest | Gemini Flash latest (alias) | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 0.75 0.075 - 3.75
        gemini-flash-lite-latest | Gemini Flash-Lite latest (alias) | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 0.3 0.03 - 2.5
        gemini-pro-latest | Gemini Pro latest (alias) | 1048576 65536 | tiavp>t | level low..high | any | yy
            $ 2 0.2 - 12 above 200000 4 0.4 - 18
        gemini-2.0-flash | Gemini 2.0 Flash | ? ? | ? | ? | ? | ??
            gone
        gemini-2.0-flash-lite | Gemini 2.0 Flash-Lite | ? ? | ? | ? | ? | ??
            gone

        @ xai
            default grok-4.7
            titles grok-4.20-non-reasoning
            snapshots -#### -latest
            other grok-imagine* grok-voice* *-image* *-video* *embedding*
            priced litellm 1.109.1 model map, read 2026-11-23
        grok-4.7 | Grok 4.7 | 500000 500000 | ti>t | effort none,low..xhigh | any | yy
            $ 2 0.5 - 6 above 200000 4 1 - 12
        grok-4.6 | Grok 4.6 | 500000 500000 | ti>t | effort none,low..xhigh | any | yy
            $ 2 0.5 - 6 above 200000 4 1 - 12
        grok-4.5 | Grok 4.5 | 500000 500000 | ti>t | effort none,low..xhigh | any | yy
            $ 2 0.3 - 6 above 200000 4 0.6 - 12
        grok-4.3 | Grok 4.3 | 1000000 1000000 | ti>t | effort none,low..xhigh | any | yy
            $ 1.25 0.2 - 2.5 above 200000 2.5 0.4 - 5
        grok-4.20 | Grok 4.20 | 1000000 1000000 | ti>t | effort none,low..xhigh | any | yy
            $ 1.25 0.2 - 2.5 above 200000 2.5 0.4 - 5
        grok-4.20-reasoning | Grok 4.20 Reasoning | 1000000 1000000 | ti>t | effort none,low..xhigh | any | yy
            $ 1.25 0.2 - 2.5 above 200000 2.5 0.4 - 5
        grok-4.20-non-reasoning | Grok 4.20 Non-Reasoning | 1000000 1000000 | ti>t | no | any | yy
            $ 1.25 0.2 - 2.5 above 200000 2.5 0.4 - 5
        grok-4.20-multi-agent | Grok 4.20 Multi-Agent | 1000000 1000000 | ti>t | effort none,low..xhigh | any | ny
            $ 1.25 0.2 - 2.5 above 200000 2.5 0.4 - 5
        grok-build-0.1 | Grok Build 0.1 | 256000 256000 | ti>t | effort none,low..xhigh | any | yn
            $ 1 0.2 - 2 above 200000 2 0.4 - 4
        grok-code-fast-1 | Grok Code Fast 1 | 256000 256000 | ti>t | effort none,low..xhigh | any | yn
            $ 1 0.2 - 2 above 200000 2 0.4 - 4
            gone 2026-05-15
        grok-4-0709 | Grok 4 | ? ? | ? | ? | ? | ??
            gone
            note answered by a newer model
        grok-3 | Grok 3 | ? ? | ? | ? | ? | ??
            gone
        grok-3-fast | Grok 3 Fast | ? ? | ? | ? | ? | ??
            gone
        grok-3-mini | Grok 3 Mini | ? ? | ? | ? | ? | ??
            gone
            note answered by a newer model
        grok-3-mini-fast | Grok 3 Mini Fast | ? ? | ? | ? | ? | ??
            gone
        grok-2-vision-1212 | Grok 2 Vision | ? ? | ? | ? | ? | ??
            gone

        @ meta
            default muse-spark-1.3
            titles muse-spark-1.3
            priced litellm 1.109.1 model map, read 2026-11-23
        muse-wonder-1.0 | Muse Wonder 1.0 | 1048576 131072 | tivp>t | effort minimal..max | any | yy
            $ 4 0.2 - 20
        muse-spark-1.3 | Muse Spark 1.3 | 1048576 131072 | tivp>t | effort minimal..xhigh | any | yy
            $ 1.25 0.15 - 4.25
        muse-spark-1.3-contributor | Muse Spark 1.3 Contributor | 1048576 131072 | tivp>t | effort minimal..xhigh | any | yy
            $ 0.1 0.002 - 0.2
            note Meta may train on the traffic; 404 unless the account is enrolled
        muse-spark-1.2 | Muse Spark 1.2 | 1048576 131072 | tivp>t | effort minimal..xhigh | any | yy
            $ 1.25 0.15 - 4.25
        muse-spark-1.1 | Muse Spark 1.1 | 1048576 131072 | tivp>t | effort minimal..xhigh | any | yy
            $ 1.25 0.15 - 4.25
        muse-ember-1.0 | Muse Ember 1.0 | ? ? | ? | ? | ? | y?
            note named in the AI SDK docs; limits and price unknown
        Llama-4-Maverick-17B-128E-Instruct-FP8 | Llama 4 Maverick | 1000000 4028 | ti>t | no | any | yn
            gone 2026-07-06
        Llama-4-Scout-17B-16E-Instruct-FP8 | Llama 4 Scout | 10000000 4028 | ti>t | no | any | yn
            gone 2026-07-06
        Llama-3.3-70B-Instruct | Llama 3.3 70B | 128000 4028 | t>t | no | any | yn
            gone 2026-07-06
        Llama-3.3-8B-Instruct | Llama 3.3 8B | 128000 4028 | t>t | no | any | yn
            gone 2026-07-06
        Cerebras-Llama-4-Maverick-17B-128E-Instruct | Cerebras Llama 4 Maverick 17B 128E Instruct | ? ? | ? | no | ? | ??
            gone 2026-07-06
        Cerebras-Llama-4-Scout-17B-16E-Instruct | Cerebras Llama 4 Scout 17B 16E Instruct | ? ? | ? | no | ? | ??
            gone 2026-07-06
        Groq-Llama-4-Maverick-17B-128E-Instruct | Groq Llama 4 Maverick 17B 128E Instruct | ? ? | ? | no | ? | ??
            gone 2026-07-06

        @ vercel
            default anthropic/claude-haiku-4.5
            titles anthropic/claude-haiku-4.5
            creators anthropic=anthropic google=gemini meta=meta openai=openai xai=xai
            other *embedding* *-image* *imagen* *veo* *rerank* *-tts* *whisper* *-transcribe* *flux* *-video*
            priced litellm 1.109.1 model map, read 2026-11-23
        v0-1.5-md | v0 1.5 Medium | 128000 128000 | ti>t | ? | any | yn
            $ 3 - - 15
            gone 2026-03
            note the v0 Model API no longer exists
        v0-1.5-lg | v0 1.5 Large | 512000 512000 | ti>t | ? | any | yn
            $ 15 - - 75
            gone 2026-03
            note the v0 Model API no longer exists
        v0-1.0-md | v0 1.0 Medium | 128000 128000 | ti>t | ? | any | yn
            $ 3 - - 15
            gone 2026-03
            note the v0 Model API no longer exists
        v0-mini | v0-mini | ? ? | ? | ? | ? | ??
            gone
            note a v0 agent model, not reachable as a chat model
        v0-pro | v0-pro | ? ? | ? | ? | ? | ??
            gone
            note a v0 agent model, not reachable as a chat model
        v0-max | v0-max | ? ? | ? | ? | ? | ??
            gone
            note a v0 agent model, not reachable as a chat model
        anthropic/claude-haiku-4.5 | Claude Haiku 4.5 via gateway | 200000 64000 | ? | ? | ? | y?
            $ 1 0.1 1.25 5
        openai/gpt-4.1-nano | GPT-4.1 Nano via gateway | ? ? | ? | ? | ? | y?
        deepseek/deepseek-v4.1-flash | DeepSeek V4.1 Flash via gateway | ? ? | ? | ? | ? | y?
        xai/grok-4.5 | Grok 4.5 via gateway | ? ? | ? | ? | ? | y?
        """
}
