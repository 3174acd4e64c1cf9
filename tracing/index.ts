export { TracingPlugin } from './TracingPlugin';
