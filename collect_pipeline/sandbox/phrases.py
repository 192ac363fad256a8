"""The words that the sandbox's prompts are made of. Data only."""

QUALITY = (
    "masterpiece", "best quality", "amazing quality", "highly detailed", "very aesthetic", "absurdres",
    "intricate details", "award-winning", "ultra detailed", "newest", "beautiful",
)  # fmt: skip
LADDER = ("score_9", "score_8_up", "score_7_up", "score_6_up", "source_anime", "rating_safe")
PEOPLE = (
    "1girl", "1boy", "2girls", "solo", "old fisherman", "young witch", "knight", "woman", "astronaut",
    "street musician", "librarian", "dancer", "elf archer", "robot gardener", "no humans", "chef",
)  # fmt: skip
THINGS = (
    "red fox", "black cat", "lighthouse", "steam locomotive", "castle", "clay hedgehog", "paper lantern",
    "vintage car", "whale", "teapot", "owl", "sailing boat", "bowl of ramen", "dragon", "greenhouse",
    "bicycle", "stone bridge", "hot air balloon",
)  # fmt: skip
LOOKS = (
    "long hair", "short_hair", "silver hair", "blue eyes", "green eyes", "freckles", "twin braids", "old",
    "muscular", "tattoo", "pointy ears", "hair over one eye", "dark skin", "beard",
)  # fmt: skip
CLOTHES = (
    "red dress", "plate armor", "round glasses", "straw hat", "school uniform", "kimono", "leather boots",
    "hoodie", "white_shirt", "silver earrings", "raincoat", "scarf",
)  # fmt: skip
ACTIONS = (
    "sitting", "running", "holding a lantern", "reading a map", "arms up", "dancing", "looking back",
    "walking a dog", "playing violin", "sleeping", "holding sword", "pouring tea",
)  # fmt: skip
PLACES = (
    "autumn forest", "rainy street", "quiet harbour", "space station", "snowy mountains", "wheat field",
    "library", "rooftop", "night market", "desert ruins", "simple background", "cherry blossoms", "indoors",
)  # fmt: skip
LIGHTS = (
    "soft light", "golden hour", "rim light", "neon lights", "god rays", "candlelight", "moonlight",
    "volumetric lighting", "chiaroscuro", "backlighting",
)  # fmt: skip
FRAMES = (
    "close-up", "full body", "from above", "looking at viewer", "depth of field", "wide shot", "portrait",
    "cowboy shot", "symmetrical", "bokeh", "dutch angle",
)  # fmt: skip
MOODS = ("serene", "melancholic", "eerie", "cozy", "smile", "epic", "dreamy", "tense", "playful", "blush")
STYLES = (
    "watercolor", "oil painting", "anime style", "photo", "3d render", "pixel art", "ukiyo-e", "art nouveau",
    "line art", "cyberpunk", "storybook illustration", "impressionism", "concept art",
)  # fmt: skip
TECHNICAL = ("8k", "4k", "highres", "35mm", "f/1.8", "RAW photo", "film grain", "hdr", "octane render", "85mm lens")
COLOURS = ("monochrome", "pastel colors", "vivid colors", "muted palette", "black and white", "blue theme")
SUGGESTIVE = ("cleavage", "lingerie", "off shoulder", "seductive pose", "see-through blouse", "bare legs")
MATURE = ("nude", "topless", "nsfw", "blood on hands", "artistic nude", "undressing")
NEGATIVES = (
    "lowres", "blurry", "text", "watermark", "worst quality", "low quality", "bad anatomy", "extra fingers",
    "jpeg artifacts", "signature", "(bad hands:1.2)", "easynegative", "cropped", "score_4", "nsfw",
)  # fmt: skip
LORAS = (
    "paper_lantern_v2", "add_detail", "pony/soft_ink", "retroPostcard", "film grain XL", "smlwrld-07",
    "expressive_h", "水彩風",
)  # fmt: skip
ARTISTS = ("an unknown engraver", "a travelling sign painter", "a seventies magazine illustrator")
EMOJI = ("🍂", "🏮", "👩‍🚀", "🌊", "✨", "🦊")
IN_JAPANESE = (
    "夕暮れの港、提灯、水彩画、静かな雰囲気",
    "少女、銀髪、図書館、柔らかい光、最高品質",
    "狐の嫁入り、雨、浮世絵、傑作",
)
IN_CHINESE = (
    "一个女孩,长发,红色连衣裙,樱花,柔和的光线,杰作",
    "雪山下的小镇，夜晚，灯笼，广角镜头",
    "机械龙，赛博朋克，霓虹灯，高细节",
)
IN_FULL_WIDTH = (
    "１ｇｉｒｌ，ｓｏｌｏ，ｌｏｎｇ　ｈａｉｒ，（ｓｍｉｌｅ：１．２）",
    "masterpiece，best quality，（paper lantern：1.3），night　market",
)
IN_OTHERS = (
    "старый маяк, шторм, масляная живопись, драматичный свет",
    "un phare breton à l'aube, aquarelle, lumière dorée, ambiance paisible",
    "الفانوس الورقي في ليلة هادئة، ألوان مائية",
)
SCENES = (
    "The scene is quiet, as if everyone had just left.",
    "In the background a row of lanterns fades into the mist.",
    "Every texture is visible, from the wet cobblestones to the worn wood.",
    "The colours are muted except for a single warm lamp.",
    "It looks like a photograph found in an old drawer.",
    "Shot from a low angle, the figure fills half of the frame.",
    "Light rain blurs the signs, and the reflections glow on the ground.",
)
