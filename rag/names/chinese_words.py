"""Chinese words that tell a name from what stands around it, in simplified characters."""

from __future__ import annotations

TITLES = frozenset(
    """
    人员 人物 之一 长孙 防长 外长 财长 酋长 理事 代办 新星 好手
    总统 总理 首相 主席 部长 大臣 国务卿 省长 州长 市长 镇长 县长 区长 村长 议长 院长 校长
    局长 处长 署长 厅长 司长 科长 组长 团长 会长 社长 所长 馆长 台长 队长 船长 机长 店长
    班长 董事长 理事长 秘书长 书记 委员长 幕僚长 执行长 财务长 行长 总裁 总监 总干事 主任
    主管 主编 总编辑 总编 编辑 经理 负责人 创始人 创办人 合伙人 发言人 代言人 首席执行官
    首席 执行官 行政官 指挥官 军官 警官 外交官 检察官 法官 官员 高官 调研官 专员 特使 大使
    公使 领事 代表 参赞 军事长官 长官 教授 讲师 教师 老师 学者 研究员 分析师 分析家 评论员
    专家 科学家 学家 作家 画家 诗人 小说家 艺术家 摄影师 建筑师 设计师 工程师 律师 医生
    医师 护士 记者 主播 主持人 导演 演员 歌手 作者 作曲家 音乐家 球员 教练 选手 冠军 得主
    门将 门神 前锋 议员 委员 领袖 领导人 党魁 候选人 发起人 人士 活动家 积极分子 成员 顾问
    助理 秘书 助手 将军 上将 中将 少将 上校 中校 少校 上尉 中尉 元帅 司令 参谋长 国王 女王
    王储 王子 公主 亲王 皇帝 教皇 教宗 主教 牧师 神父 喇嘛 先生 女士 小姐 夫人 太太 丈夫
    妻子 儿子 女儿 父亲 母亲 哥哥 弟弟 姐姐 妹妹 长子 次子 兄弟 之子 之女 女友 男友 朋友
    同事 老板 企业家 富翁 投资人 投资者 商人 大亨 股东 居民 市民 公民 学生 博士 硕士 院士
    爵士 同学 校友 病人 患者 嫌疑人 嫌犯 凶手 受害者 被告 证人 当事人 男子 女子 青年 少年
    女孩 男孩 老人 邻居 制作人 制片人 经纪人 店主 业主 农民 工人 司机 宇航员 特工 间谍
    组织者 主人 客人 诺贝尔奖得主 国人 女性 男性 收藏家 慈善家 银行家 金融家 思想家 理论家
    批评家 评论家 革命家 政治家 外交家 探险家 发明家 厨师 主厨 保镖 模特 网红 博主 策展人
    讲者 学员 教士 修女 僧人 母女 夫妇 夫妻 情侣 前妻 前夫 妻
    """.split()
)
"""Words for a person, which stand before a name or after it."""
SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林郑梁谢唐许冯宋韩邓彭曹曾田萧潘袁蔡蒋余于杜叶程魏苏吕"
    "丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱"
    "严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚"
    "符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆"
    "农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋"
    "商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟"
    "冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来"
    "扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾"
    "茅利於呼居揭干但尉冶元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
"""Chinese and Korean surnames of one character, frequent ones and rare ones."""
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 司徒 东方 皇甫 尉迟 公孙 慕容 令狐 南宫 夏侯".split()
)
ORGANISATIONS = tuple(
    """
    组织 大学 学院 公司 委员会 协会 学会 联盟 联合会 基金会 研究所 研究院 研究中心 中心
    理事会 议会 总署 署 局 部 法院 银行 集团 公会 工会 商会 社 报 时报 日报 邮报 周刊 杂志
    电视台 广播电台 电台 广播公司 通讯社 新闻网 频道 电视网 党 阵线 军 卫队 法案 条约 协定
    协议 公约 计划 机构 论坛 峰会 会议 大会 交易所 医院 博物馆 航空 总局 办公室 司令部
    实验室 智库 部队 同盟 共同体 俱乐部 剧院 图书馆 国会 参议院 众议院 联邦 邦联 奖 法 案
    厅 处 院 系统 网 出版社
    """.split()
)
"""Ends of the names of organisations, laws and media."""
_ADDITIONS = {
    "大学": "university", "学院": "college institute academy school",
    "公司": "company corporation corp inc ltd", "银行": "bank", "州": "state", "县": "county",
    "郡": "county", "市": "city", "省": "province", "岛": "island isle", "群岛": "islands",
    "湖": "lake", "河": "river", "山": "mount mountain", "海峡": "strait", "时报": "times",
    "邮报": "post", "基金会": "foundation", "研究所": "institute institution", "医院": "hospital",
    "集团": "group systems", "航空": "airlines airways air", "汽车": "motors",
    "球场": "court stadium", "教授": "professor prof", "爵士": "sir lord", "博士": "dr doctor",
    "法案": "act", "计划": "plan project", "新闻": "news", "中心": "center centre",
    "港": "port harbor harbour", "镇": "town", "区": "district", "机场": "airport",
    "大桥": "bridge", "广场": "square plaza", "街": "street", "大道": "avenue", "公园": "park",
    "礁": "reef", "出版社": "press", "学校": "school", "酒店": "hotel", "剧院": "theatre theater",
    "党": "party", "指数": "index", "管理": "management", "资本": "capital", "家族": "family",
    "国王": "king", "王子": "prince", "公主": "princess", "女王": "queen", "总统": "president",
    "将军": "general gen", "家具": "furniture",
}  # fmt: skip
ADDITIONS = {addition: frozenset(words.split()) for addition, words in _ADDITIONS.items()}
"""What follows a name in Chinese, and the words for it in English, before or after the name."""
BEFORE_NAMES = frozenset("的了和与及或对向据由给是被让把跟同从到在为说称派叫以因如像即就有于人者长")
"""Characters after which a name begins, if it is not one of its own."""
WORDS_OF_PEOPLE = frozenset(
    "人权 人类 人民 人口 人工 人员 人物 人士 人质 人民币 长期 长孙 者之".split()
)
"""Words that begin with such a character, so that no name begins after it."""
NOT_SOUNDS = frozenset("的了是在就还这我你们被把很最并等与")
"""Characters that transcribe no sound."""
OPENINGS = tuple(
    """
    国际 世界 全球 全国 国家 联合国 联邦 欧盟 欧洲 亚洲 亚太 非洲 北美 拉丁美洲 阿拉伯
    伊斯兰 东南亚 北约 跨太平洋 区域 中央 皇家 美国 英国 法国 德国 中国 中华 日本 韩国 朝鲜
    印度 俄罗斯 俄国 加拿大 澳大利亚 澳洲 新西兰 新加坡 马来西亚 意大利 西班牙 荷兰 比利时
    瑞士 瑞典 挪威 芬兰 丹麦 波兰 乌克兰 土耳其 以色列 伊朗 伊拉克 沙特 埃及 南非 巴西
    墨西哥 越南 泰国 缅甸 菲律宾 印尼 巴基斯坦 阿富汗 台湾 香港 澳门 北京 上海 伦敦 纽约
    东京
    """.split()
)
"""Beginnings of the names of organisations."""
VERBS = tuple(
    """
    退出 加入 制裁 要求 指控 指责 呼吁 批准 宣布 宣告 警告 敦促 利用 支持 资助 访问 允许
    起诉 参加 参与 担任 成立 成为 推出 公布 发布 建议 批评 邀请 拒绝 反对 禁止 威胁 收购
    通过 提交 提供 致函 表示 报告 根据 签署 重返 承认 会见 告诉 透露 调查 逮捕 袭击 攻击
    领导 主导 控制 隶属 属于 位于 来自 包括 以及 前往 抵达 创立 创办 组建 组成 投资 出资
    代表 起草
    """.split()
)
"""Verbs that stand between the names of two organisations."""
NO_NAME = frozenset(
    "的了是在据和与及对为被把让向从到由并或等但而且称说这那该其此他她它们我你也都就不没有很最"
)
"""Characters that a name of an organisation seldom has."""
