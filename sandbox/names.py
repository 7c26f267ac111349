"""Words that names are made of: surnames, given names, brands, trades and towns, in Chinese and in pinyin."""

from sandbox.records import Text


def _pairs(words: str) -> tuple[Text, ...]:
    return tuple(Text(*word.split(":")) for word in words.split())


SURNAMES = _pairs(
    "王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 黄:Huang 赵:Zhao 吴:Wu 周:Zhou 徐:Xu 孙:Sun 马:Ma "
    "朱:Zhu 胡:Hu 郭:Guo 何:He 高:Gao 林:Lin 罗:Luo 郑:Zheng 梁:Liang 谢:Xie 宋:Song 唐:Tang 许:Xu "
    "韩:Han 冯:Feng 邓:Deng 曹:Cao 彭:Peng 曾:Zeng 萧:Xiao 田:Tian 董:Dong 袁:Yuan 潘:Pan 于:Yu "
    "蒋:Jiang 蔡:Cai 欧阳:Ouyang 夏侯:Xiahou"
)
MALE = _pairs(
    "伟:Wei 强:Qiang 磊:Lei 军:Jun 勇:Yong 杰:Jie 涛:Tao 明:Ming 超:Chao 建华:Jianhua 志强:Zhiqiang "
    "国栋:Guodong 海波:Haibo 文博:Wenbo 子轩:Zixuan 浩然:Haoran 宇航:Yuhang 俊杰:Junjie 天佑:Tianyou "
    "一鸣:Yiming 家豪:Jiahao 梓睿:Zirui 博文:Bowen 立新:Lixin 卫东:Weidong 江涛:Jiangtao "
    "汉生:Hansheng 楚雄:Chuxiong"
)
FEMALE = _pairs(
    "芳:Fang 娜:Na 敏:Min 静:Jing 丽:Li 艳:Yan 娟:Juan 霞:Xia 玲:Ling 桂英:Guiying 秀兰:Xiulan "
    "玉珍:Yuzhen 晓燕:Xiaoyan 雅婷:Yating 梓涵:Zihan 欣怡:Xinyi 诗涵:Shihan 雨桐:Yutong 思远:Siyuan "
    "若曦:Ruoxi 佳琪:Jiaqi 慧:Hui 雪梅:Xuemei 春花:Chunhua 楚楚:Chuchu 江月:Jiangyue 樱:Ying 荷:He"
)
BRANDS = _pairs(
    "芯程:Xincheng 光讯:Guangxun 楚天:Chutian 江城:Jiangcheng 云帆:Yunfan 九峰:Jiufeng 东湖:Donghu "
    "瑞谷:Ruigu 华启:Huaqi 天枢:Tianshu 凌波:Lingbo 锐科:Ruike 长盈:Changying 烽源:Fengyuan "
    "汉阳树:Hanyangshu 数图:Shutu 黄鹤:Huanghe 知音:Zhiyin 星河:Xinghe 景明:Jingming 梧桐:Wutong "
    "朗润:Langrun 启航:Qihang 和顺:Heshun"
)
TRADES = (
    Text("光电科技", "Optoelectronics"),
    Text("激光技术", "Laser Technology"),
    Text("软件", "Software"),
    Text("生物医药", "Biopharma"),
    Text("集成电路", "Integrated Circuits"),
    Text("精密仪器", "Precision Instruments"),
    Text("餐饮管理", "Catering"),
    Text("物流", "Logistics"),
    Text("建筑装饰", "Decoration"),
    Text("文化传媒", "Culture and Media"),
    Text("教育咨询", "Education Consulting"),
    Text("商贸", "Trading"),
)
TOWNS = (
    Text("武汉市", "Wuhan"),
    Text("黄石市", "Huangshi"),
    Text("宜昌市", "Yichang"),
    Text("荆州市", "Jingzhou"),
    Text("襄阳市", "Xiangyang"),
    Text("孝感市", "Xiaogan"),
    Text("黄冈市", "Huanggang"),
    Text("长沙市", "Changsha"),
)
