// The page's texts in Simplified Chinese, loaded by those who read it.
import texts from "../../src/ui/texts/zh.json";

export default texts;
