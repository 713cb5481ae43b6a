"""Words that negate, and words for opposites, in the languages of readers: patterns of regex."""

from __future__ import annotations

NEGATIONS = {
    "zh": r"不(?![过過仅僅但只同久断斷少良丹锈動动]|列颠|列顛|[得可](?:不|或缺)|可[避辩])"
    r"|[没沒](?!收|[？?，。]|$)|未(?!来|來)|[无無](?!论|論|线|線|人机|辜|限|锡|錫)|并非"
    r"|[绝絕]非",
    "en": r"\bnot\b|n['’]t\b|\bno\b|\bnever\b|\bnone\b|\bnothing\b|\bneither\b|\bnor\b"
    r"|\bwithout\b|\bcannot\b",
    "fr": r"\b(?:ne\b|n['’]).{1,40}?\b(?:pas|plus|jamais|rien|aucune?|personne|ni|point|guère)\b"
    r"|\bsans\b",
    "de": r"\bnicht|\bkein|\bohne\b|\bnie(?:mals|mand)?\b|\bweder\b",
    "es": r"\bno\b|\bnunca\b|\bjamás\b|\bsin\b|\bning[úu]n|\bnadie\b|\bnada\b|\btampoco\b",
    "pt": r"\bnão\b|\bnunca\b|\bjamais\b|\bsem\b|\bnenhum|\bninguém\b|\bnada\b|\bnem\b",
    "it": r"\bnon\b|\bmai\b|\bsenza\b|\bnessun|\bniente\b|\bné\b|\bneppure\b|\bneanche\b",
    "ru": r"\bне\b|\bни\b|\bнет\b|\bбез\b|\bникогда\b|\bникто\b|\bничего\b|\bнельзя\b",
    "tr": r"\bdeğil|\byok\b|\basla\b"
    r"|\p{L}{2,}m[ıiuüae](?:yor|dı|di|du|dü|z|mış|miş|yacak|yecek)|\bhiç",
    "vi": r"\bkhông\b|\bchưa\b|\bchẳng\b",
    "ar": r"\bلا\b|\bلم\b|\bلن\b|\bليس|\bدون\b|\bبدون\b|\bعدم\b",
    "ja": r"ない|なかっ|なく|ません|ず[、に。]",
    "ko": r"않|없|못하|못한|못했|아니",
}
"""Words that negate a clause."""

NEGATIVE_WORDS = {
    "zh": r"[拒禁停反难難缺失免防止尚仅僅违違抑阻遏终終却卻别別勿非否少]|取消|撤|除非|直到"
    r"|例外|只[有是能]|从未|從未",
    "en": r"\bun\p{L}+|\b(?:dis|mis)\p{L}{4,}|\bim(?:po[st]|prob|prop|mun|mor)\p{L}+"
    r"|\bin(?:a[bdp]|ac|cap|com|con[cs]|cor|eff|exp|suf|val|vis|def|vinc)\p{L}+|\bden(?:y|ie)|refus|reject|\bfail"
    r"|\black|absen|\bstop|suspen|\bhalt"
    r"|\bban|\bbar(?:s|red)?\b|prohibit|oppos|against|avoid|prevent|\bonly\b|\bfew"
    r"|little|hardly|instead|rather"
    r"|\bend(?:s|ed|ing)?\b|withdr|\bless\b|until|except|despite|\bfar from|resist|critici|\bill-"
    r"|\bfree\b|declin|difficult|hard\b|block|cancel|abandon|barely|violat|decr|rare|exclu|out of"
    r"|\byet to\b|\baway\b|wrong|doubt",
    "fr": r"refus|rejet|ni(?:e|é|er)\b|démenti|\bmanqu|absence|arrêt|suspen|interdi|oppos"
    r"|contre|évit|empêch|seul|peu\b"
    r"|malgré|difficil|impossib|\bin\p{L}{4,}|toujours|moins|annul|sauf",
    "de": r"\bun\p{L}+|ablehn|abgelehnt|verweiger|leugn|bestr(?:e|i)it|dementier|fehl"
    r"|mangel|stopp|aussetz|verbot|verbiet"
    r"|gegen|vermeid|verhinder|nur\b|wenig|kaum|trotz|schwer|lehn",
    "es": r"rechaz|nieg|neg(?:ó|ar|aron|ado)|falt|ausencia|suspen|prohib|contra|evit|impid"
    r"|sol[oa]|sólo|poc[oa]|apenas"
    r"|difícil|\b(?:in|im|des)\p{L}{4,}|menos|cancel",
    "pt": r"recus|rejeit|neg(?:a|ou|ar)|falt|ausência|suspen|proib|contra|evit|imped|só\b"
    r"|apenas|pouc|mas\b|ainda|difícil"
    r"|\b(?:in|im|des)\p{L}{4,}|menos|cancel",
    "it": r"rifiut|respin|neg(?:a|ato|are)|smenti|manc|assenza|sospe|viet|contr[oa]|evit"
    r"|imped|solo|poc[oh]|appena|ma\b"
    r"|ancora|difficil|\b(?:in|im|dis)\p{L}{4,}|meno",
    "ru": r"\bне\p{L}+|\bбез\p{L}+|отказ|отверг|отриц|опроверг|недостат|отсутств|прекра"
    r"|приостан|запре|\bпротив|избеж"
    r"|предотвр|только|лишь|мало|едва|трудн|\bни\p{L}+|отмен",
    "tr": r"red|inkâr|inkar|yalanla|eksik|durdur|yasak|karşı|önle|sadece|yalnızca|az\b"
    r"|ama\b|ancak|henüz|\p{L}+(?:sız|siz|suz|süz)",
    "vi": r"từ chối|phủ nhận|bác bỏ|thiếu|ngừng|đình chỉ|cấm|phản đối|chống|tránh|ngăn"
    r"|chỉ\b|ít\b|nhưng|khó|vẫn",
    "ar": r"رفض|نف[ىي]|أنكر|غياب|نقص|وقف|تعليق|حظر|منع|ضد|معارض|تجنب|فقط|قليل|لكن|صعب|غير|فشل",
    "ja": r"否定|拒否|拒絶|反対|禁止|停止|中止|欠|不|無|未|非|防|避け|のみ|だけ|しか|まだ"
    r"|違反|失敗|難し",
    "ko": r"부인|거부|거절|반대|금지|중단|정지|부족|결여|불|무|미|비|못|막|피하|만\b|뿐"
    r"|아직|위반|실패|어렵|안 ",
}
"""Further words that may stand for a negation of the other language."""

SURE_NEGATION = (
    r"不(?:(?<!会不)会|(?<!會不)會|(?<!能不)能|(?<!是不)是|(?<!要不)要|[应應曾想在再准予存属屬该該]|打算|同意)"
    r"|[并並从從绝絕决決][不未没沒无無非]|[没沒](?!收|[？?，。]|$)|未(?!来|來)|[无無]法"
)
"""What negates a Chinese clause as a whole, and not a word in it."""
WEAK_NEGATIONS = r"[拒禁停反缺失免防止仅僅违違非否少]|取消|撤|除非|直到|例外|只有"
"""What another language may say with a negation."""

OPPOSITES = {
    "rise": {
        "zh": (
            r"增(?!值|加值)|上升|上涨|上漲|升至|提高|攀升|飙升|激增|走强|[跃躍]升|回升",
            r"下降|下跌|减少|減少|下滑|降至|缩减|回落|萎缩|走弱|跌|连降|連降|[骤锐大]降"
            r"|降[低幅]",
        ),
        "en": (
            r"\brise|\brose\b|\brisen|\braises\b|\bincreas|\bgrew\b|\bgrow|\bclimb|\bsoar|\bjump"
            r"|\bsurge|\bgain",
            r"\bf[ae]ll(?:s|en|ing)?\b|\bdecreas|\bdeclin|\bdrop|\bshr[aiu]nk|\bsank\b"
            r"|\bplunge|\blower(?:s|ed|ing)?\b|\breduc",
        ),
        "fr": (r"augment|hausse|progress|grimp|gagn", r"baiss|diminu|recul|chut|perdu"),
        "de": (
            r"stieg|steig|gestiegen|zunahm|zugenommen|erhöh|wuchs|gewachsen",
            r"sank|sink|gesunken|fiel\b|gefallen|abgenommen|rückgang",
        ),
        "es": (r"aument|subi|crec|increment", r"baj[óa]|disminu|cay|descen|reduj|reduc"),
        "pt": (r"aument|subi|cresc", r"caiu|caír|diminu|reduz|queda"),
        "it": (r"aument|salit|cresc|cresciut", r"diminu|scend|sces|cal[oia]|ridott"),
        "ru": (r"вырос|возрос|увелич|повыс|рост\b|росл", r"упал|снизи|сократи|уменьш|паден"),
        "tr": (r"yüksel|arttı|artış|artmış", r"düştü|düşüş|azal|gerile"),
        "vi": (r"\btăng\b", r"\bgiảm\b"),
        "ar": (r"ارتفع|زاد|ارتفاع|زيادة|نما", r"انخفض|تراجع|انخفاض|هبط"),
        "ja": (r"増加|増え|上昇|伸び|上回", r"減少|減っ|低下|下落|下回"),
        "ko": (r"증가|늘었|늘어|상승|올랐|올라", r"감소|줄었|줄어|하락|내렸|떨어"),
    },
    "strengthen": {
        "zh": (r"加强|加強|增强|增強|巩固|鞏固|强化|強化", r"削弱|减弱|減弱|动摇|動搖|弱化"),
        "en": (r"\bstrengthen|\breinforc|\bconsolidat", r"\bweaken|\bundermin|\berod"),
        "fr": (r"renforc|consolid", r"affaibli|ébranl"),
        "de": (r"(?:ge|ver)?stärk", r"schwäch|geschwächt"),
        "es": (r"fortale|reforz|refuerz|consolid", r"debilit|socav"),
        "ru": (r"усил|укрепл|укрепи", r"ослаб|подорв|подрыв"),
        "ja": (r"強化|強め|固め", r"弱め|弱体化"),
        "ko": (r"강화|공고", r"약화"),
    },
    "stop": {
        "zh": (r"停止|终止|結束|结束|暂停|中止|取消|撤回", r"继续|繼續|恢复|延续|延長|延长|加强|深化"),
        "en": (
            r"\bstop|\bend(?:s|ed|ing)?\b|\bhalt|\bsuspend|\bcease",
            r"\bgo(?:es|ing)? on\b|\bcontinu|\bresum|\bkeep|\bdeepen|\bextend",
        ),
        "fr": (r"arrêt|cess|suspen|mettre fin|mis fin", r"continu|repren|repris|poursuiv"),
        "de": (r"stopp|beend|aussetz|einstell", r"fortsetz|fortgesetzt|wieder auf|weiter"),
        "es": (r"deten|cesar|suspen|poner fin|puso fin", r"continu|reanud|seguir|siguió"),
        "ru": (r"прекра|приостан|останов", r"продолж|возобнов"),
        "ja": (r"停止|中止|終了|打ち切", r"継続|続け|再開"),
        "ko": (r"중단|중지|종료|끝내", r"계속|재개|지속"),
    },
    "accept": {
        "zh": (
            r"批准|接受|同意|准许|承认(?!不)|允许|答应|欢迎|歡迎",
            r"拒绝|拒絕|驳回|駁回|否认|否認|否决|力抗|抵制|反对|反對|禁止|阻止",
        ),
        "en": (
            r"\bapprov|\baccept|\bagree|\bgrant|\badmit|\bconfirm|\bgave in|\bgive in"
            r"|\bwelcom|\ballow|\bpermit",
            r"\breject|\brefus|\bden(?:y|ie)|\bresist|\bveto|\bdismiss|\boppos|\bban|\bforb"
            r"|\bprohibit|\bblock",
        ),
        "fr": (
            r"accept|approuv|admet|admis|autoris|confirm",
            r"refus|rejet|démen|ni(?:e|é|er)\b|interdi|oppos",
        ),
        "de": (
            r"akzeptier|genehmig|zugestimmt|zustimm|räumt|erlaub|gab zu",
            r"ablehn|abgelehnt|lehnte|verweiger|bestr(?:e|i)t|dementier|verbot|verbiet",
        ),
        "es": (
            r"acept|aprob|admit|autoriz|confirm|permit",
            r"rechaz|neg[óa]|niega|desmint|prohib|opon|opus",
        ),
        "ru": (
            r"одобр|приня|признал|разреш|подтверд|соглас",
            r"отклон|отверг|отказ|отриц|опроверг|запре|против",
        ),
        "ar": (r"واف|قبل|اعترف|سمح|أكد", r"رفض|نف[ىي]|أنكر|منع|حظر"),
        "ja": (r"承認|受け入れ|認め|同意|許可", r"拒否|拒絶|否定|否認|却下|反対|禁止"),
        "ko": (r"승인|수용|인정|동의|허용|허가", r"거부|거절|부인|기각|반대|금지"),
    },
    "sure": {
        "zh": (r"肯定|确定(?!是否)|必定|必将", r"不清楚|不明|尚不|未知|不确定|可能"),
        "en": (
            r"\bcertain\b|\bsure to\b|\bdefinite",
            r"\bunclear|\buncertain|\bnot clear|\bmay\b|\bmight\b|\bpossibl",
        ),
    },
    "already": {
        "zh": (r"已经|已然|早已", r"还没|還沒|尚未|尚不|仍未|还未|未能|仍无法|仍然无法"),
        "en": (r"\balready\b", r"\bnot yet\b|\byet to\b|\bnot\b.{0,20}\byet\b"),
        "ko": (r"이미", r"아직"),
        "ja": (r"すでに|既に", r"まだ|未だ"),
    },
    "win": {
        "zh": (r"胜选|获胜|赢得|击败(?!.*被)|战胜", r"败选|落败|输给|失败|败给"),
        "en": (r"\bw[io]n(?:s|ning)?\b|\bvictor", r"\blos[te]|\bdefeat"),
    },
}
"""Opposites: the words for one and for the other, by language."""
