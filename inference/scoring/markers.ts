/** Phrases of both languages that show how an answer is built. Matched on normalised text (lower case, simplified). */

/** The answer tells of one instance, not of habits. */
export const situation =
  /有一次|有一回|有一位|有个|有一个|上个?(?:月|周|星期|年|季度|学期)|去年|前年|今年|昨天|当时|那时|那次|之前有|曾经|刚(?:进|来|到)|做.{1,12}(?:的时候|时)|期间|\b(?:once|last (?:year|month|week|summer|spring|autumn|fall|winter|quarter)|years? ago|months? ago|yesterday|one (?:day|time)|at (?:the|that) time|back then|used to|there was|when (?:i|we) (?:was|were|\w+ed|rebuilt|built|had|ran)|an? (?:elderly|young|old|angry)?\s*(?:man|woman|customer|client|colleague|patient|student|guest) (?:\w+ed|wanted|called|came|had|said|did))\b/u;

/** The answer says what came of it. */
export const result =
  /最后|最终|结果|后来|以后|之后|于是|终于|因此|从而|降到|降低了|提高了|提升了|减少了|上升到|达到了|就(?:定了|好了|解决了)|满意|\b(?:in the end|finally|as a result|result(?:ed|s)?|so (?:we|i|that)|after(?:wards?| (?:that|the))|later|it turned out|fell|dropped|rose|improved|increased|decreased|reduced|withdrew|solved|fixed|settled|was happy|were happy|led to)\b/u;

/** The answer says what had to be reached. */
export const task =
  /任务是|目标是|职责是|要求(?:是|我们?)|(?:需要|必须|得|要)(?:我们?)?在.{1,14}(?:之?内|之?前|以内)|(?:交给|派给|让|要)我(?:来|去|们)?(?:负责|解决|处理|完成|带|做)|我(?:的任务|要做的|们要做的|负责)|\b(?:(?:my|our|the) (?:task|goal|target|job|aim|assignment|objective) was|(?:i|we) (?:had to|needed to|was asked to|were asked to|was supposed to|were supposed to|was to|were to)|(?:asked|told|wanted) (?:me|us) to|i was responsible for)\b/u;

/** The answer takes a position. */
export const claim =
  /我(?:的观点|的看法|的意见|主张|认为|觉得|赞成|同意|反对|不赞成|不同意|会选|选择|更?倾向|更?看好)|在我看来|依我看|\b(?:i (?:think|believe|would argue|would say|would choose|would prefer|prefer|agree|disagree|am convinced|am for|am against)|in my (?:view|opinion)|my (?:view|opinion|position|answer) is)\b/u;

/** The answer says why. */
export const reason =
  /因为|由于|原因(?:是|在于|有)|理由(?:是|有)|之所以|是为了|毕竟|第[一二三]点?[，,是]|首先|其次|\b(?:because|since (?:the|it|they|we|i|he|she|a|an|this|that)|the (?:main |first )?reason|for (?:two|three|several) reasons|due to|that is why|first(?:ly)?,|second(?:ly)?,)/u;

/** The answer gives an example. */
export const example =
  /比如|例如|举个?(?:例子|例)|以.{1,12}为例|拿.{1,12}来说|就像.{1,12}那次|\b(?:for (?:example|instance)|such as|to give (?:an|one) example|take the case|as an example)\b/u;

/** Habits, duties and opinions instead of an instance. */
export const general =
  /一般(?:来说|来讲|情况|都|不|会|就)?|通常|总的来说|基本上|应该要|就是要|需要|必须要|很重要|我觉得|我认为|大家说|反正|这样.{0,8}就(?:会|能)|随便|无所谓|\b(?:in general|generally|usually|normally|basically|typically|you should|one should|you have to|you need to|it is important|is (?:very )?important|i (?:think|believe|feel)|whatever|everybody says|everyone says|(?:it|system|everything) becomes better)\b/u;

/** The candidate turns the matter away. */
export const deflecting =
  /没有?办法|没(?:有)?用|不行就是不行|不关我|不是我的(?:事|责任|问题)|跟我(?:没|无)关|怎么做就怎么做|无所谓|随便|反正|(?:让|叫)(?:他|她|客户|对方)(?:自己)?(?:去)?找|推给|不和(?:别)?人争|\b(?:nothing (?:i|we) can do|no means no|does(?: not|n't) matter|not my (?:fault|problem|job|business)|(?:what|whatever) every(?:body|one) says|(?:do|does) not argue|don't argue|i (?:do not|don't) care|whatever)\b/u;

/** A named share of the work. */
export const role =
  /我(?:是|当时是|作为|担任|任)[^，。；]{0,12}(?:负责人|组长|主管|经理|架构师|工程师|开发|班长|主任|店长|队长|带头|骨干|客服|专员|代表)|(?:由)?我(?:来)?(?:负责|主导|牵头|带领|带队|主持|承担|设计了|发起)|\b(?:i (?:was|am|worked as|acted as|served as) (?:the |an? |our )?(?:[a-z-]+ ){0,3}(?:lead|leader|manager|engineer|developer|owner|head|architect|supervisor|agent|representative|coordinator)|i (?:led|owned|headed|managed|designed|was responsible|was in charge|took charge|initiated|drove)|my (?:role|job|task|part|responsibility) was)\b/u;

/** A change, told as from here to there. */
export const change =
  /从.{1,20}(?:到|降至|升至|变成)|(?:比|较)(?:原来|以前|之前|去年|上)|由.{1,12}(?:降|升|提高|缩短|减少)|(?:降|升|提|增|缩短|减少|提高)(?:低|高|加)?(?:到|至|了)|\b(?:from .{1,40} to|fell|dropped|rose|grew|cut|halved|doubled|tripled|reduced|increased|decreased|compared (?:to|with)|instead of|before and after|than before)\b/u;

/** A first person who does something; what follows decides whether it is an act. */
export const firstPerson = /我们?|\b(?:i|we|each of us)\b/u;
/** A clause that goes on with the subject of the one before. */
export const goesOn =
  /^(?:再|然后|并且?|又|还|接着|先|同时|最后|把)|^(?:and|then|but) (?!(?:the|he|she|it|they|there|his|her|their)\b)/u;
/** First person, but an opinion, a state or a refusal to act. */
export const inactive =
  /我们?(?:觉得|认为|想|希望|喜欢|是一个|没有|没|不|也没|一般不|从不|是(?!先)|当时是)|我们?的(?!.*我)|\b(?:i|we) (?:think|believe|feel|guess|hope|like|am an?|are|have no|do not|don't|did not|didn't|never|can't|cannot|usually do not|say)\b|\bour\b(?!.*\b(?:i|we)\b)/u;
/** What one would do, not what one did. */
export const hypothetical =
  /我们?(?:会|就会|可能会|将|应该)|如果|的话|\b(?:would|will|if|when(?:ever)? (?:a|an|the|somebody|someone|customers?)|can offer|may)\b/u;

/** No answer in words. */
export const refusal =
  /^(?:(?:这个|这道题|对不起|抱歉|不好意思|嗯|呃|那个|我|真的|也|就|题|问题)[，。,. ]*)*(?:不知道|不清楚|不会|不懂|不了解|没有?想过|没有经历|没(?:有)?什么(?:可|好)说的?|没有?(?:做|经历|遇到|接触)过|不想(?:回答|说)|无可奉告|跳过|过|下一题|答不上来)(?:[，,]?(?:也)?没有?(?:做|经历|遇到|接触|想)过)?(?:吧|了|啊|怎么回答|这个|回答|[。，！？.,!?\s])*$|^(?:(?:um+|uh+|er+|well|sorry|i'm|i am|so|honestly|i|really)[,. ]*)*(?:don't know|do not know|no idea|have no idea|can't answer|cannot answer|(?:'d|would) rather not(?: answer| say)?|no comment|skip(?: this)?(?: one)?|pass|next(?: question)?|nothing)(?: (?:this|that|it|the answer|about (?:this|that)|what to say|please))*[.!?\s]*$/u;

/** Words meant for the machine, not for the interviewer. */
export const instruction =
  /忽略(?:以上|上面|之前|前面|所有)|(?:请)?(?:给|打)(?:我|出)?(?:一个)?(?:满分|最高分|高分|100分|一百分|10分)|你(?:现在)?是(?:一个|一名)?(?:ai|人工智能|评分|语言模型)|评分(?:系统|模型|标准)(?:：|:|要求|必须)|系统提示|\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|above|prior|earlier|preceding)|\b(?:system prompt|system:|assistant:|as an ai|you are (?:now )?an? (?:ai|language model|grader|scorer)|(?:give|award|assign|grant) (?:me |this (?:answer|candidate) |it )?(?:the )?(?:a )?(?:full|maximum|perfect|highest|top|100|10\/10|1\.0)|score (?:this|me|it)(?: answer)? (?:as |with |at )?(?:the )?(?:full|maximum|highest|perfect|1|10|100)|set (?:the )?score)\b/u;

/** A question that asks for what the candidate did or would do, not for knowledge ("how do you delete a node" is knowledge). */
export const asksForExperience =
  /(?:讲|说|谈|分享|描述)(?:述|说)?(?:一下|一个)?(?:你|一次)|你.{0,20}(?:经历|经验|例子)|你(?:会|们|要|该|当时|通常|一般)?(?:怎么|如何|怎样)(?:处理|做|办|解决|应对|面对|说服|安排|看待|沟通)|你(?:主导|做|遇到|负责|参与)过|介绍(?:一下)?(?:你|自己)|\b(?:tell (?:us|me) about (?:a|an|your|one|the) |an example of (?:how|when) you|a time (?:when|that) you|have you ever|your (?:own )?experience|describe (?:a (?:time|situation|project)|your|how you)|how (?:do|did|would|have) you (?:usually |normally )?(?:handle|deal|cope|manage|react|resolve|approach|convince|respond|calm|prioriti[sz]e|organi[sz]e|motivate)|what (?:do|did|would) you do (?:when|if|with|in|as))/u;
